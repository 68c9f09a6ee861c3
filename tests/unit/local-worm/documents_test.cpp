#include "documents.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace cavra::local_worm;

namespace {

const std::string kId = "0f8fad5b-d9cb-469f-a165-70867728950e";
const std::string kHead = R"({"schema":"cavra.local-worm.record.v1","key":"a/\"b\"","sequence":)";

}  // namespace

TEST_CASE("a marker comes back from its text, and nothing else is one") {
  const std::string text = R"({"schema":"cavra.local-worm.store.v1","id":")" + kId + "\"}\n";
  CHECK(format_marker({kId}) == text);
  CHECK(parse_marker(text) == Marker{kId});
  const auto with = [&](const std::string& id) {
    return R"({"schema":"cavra.local-worm.store.v1","id":")" + id + "\"}\n";
  };
  for (const std::string& wrong :
       {std::string(), std::string("null"), text + " ", text.substr(0, text.size() - 1), with(""),
        with("0F8FAD5B-d9cb-469f-a165-70867728950e"), with(kId + "0"),
        with("0f8fad5b-d9cb-169f-a165-70867728950e"),
        R"({"id":")" + kId +
            R"(","schema":"cavra.local-worm.store.v1"})"
            "\n",
        R"({"schema":"cavra.local-worm.store.v2","id":")" + kId + "\"}\n",
        R"({"schema":"cavra.local-worm.store.v1","id":")" + kId +
            R"(","more":1})"
            "\n"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_marker(wrong));
  }
}

TEST_CASE("records come back from their texts") {
  const std::array records{
      Record{.key = "a/\"b\"", .sequence = 1, .act = Act::hold, .retain_until_unix_s = {}},
      Record{.key = "a/\"b\"", .sequence = 2, .act = Act::release, .retain_until_unix_s = {}},
      Record{.key = "a/\"b\"",
             .sequence = 999999,
             .act = Act::extend,
             .retain_until_unix_s = 2000000000},
  };
  CHECK(format_record(records[0]) == kHead + "1,\"act\":\"hold\"}\n");
  CHECK(format_record(records[2]) ==
        kHead + "999999,\"act\":\"extend\",\"retain_until\":\"2033-05-18T03:33:20Z\"}\n");
  for (const Record& record : records)
    CHECK(parse_record(format_record(record)) == record);
}

TEST_CASE("what is not exactly a record is not read as one") {
  for (const std::string& wrong :
       {std::string("[]"), std::string("{}\n"), kHead + "1,\"act\":\"hold\"}",
        kHead + "1,\"act\":\"hold\"}\n\n", kHead + "1,\"act\":\"Hold\"}\n",
        kHead + "1,\"act\":\"extend\"}\n", kHead + "1.0,\"act\":\"hold\"}\n",
        kHead + "-1,\"act\":\"hold\"}\n", kHead + "4294967296,\"act\":\"hold\"}\n",
        kHead + "1,\"act\":\"hold\",\"act\":\"release\"}\n",
        kHead + "1,\"act\":\"hold\",\"retain_until\":\"2033-05-18T03:33:20Z\"}\n",
        kHead + "1,\"act\":\"extend\",\"retain_until\":\"2033-05-18T03:33:20.5Z\"}\n",
        kHead + "1,\"act\":\"extend\",\"retain_until\":\"soon\"}\n", std::string(8000, '[')}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_record(wrong));
  }
}
