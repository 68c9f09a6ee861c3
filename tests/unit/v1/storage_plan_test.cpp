#include "cavra/storage_plan.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "retention/plan_test_data.hpp"
#include "temporary_folder.hpp"
#include "v1/plan_schema.hpp"

namespace cavra {
namespace {

using testing::contains;
using testing::TemporaryFolder;

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  REQUIRE_MESSAGE(stream, file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

JsonValue plan_of(const BundleSummary& bundle, const StoragePlanOptions& options = {},
                  const std::map<std::string, JsonValue>& stores = {}) {
  auto plan = make_storage_plan(bundle, options, stores);
  REQUIRE(plan);
  return *std::move(plan);
}

std::map<std::string, JsonValue> two_stores(const BundleSummary& bundle) {
  StoreDescription local = testing::roomy_store();
  local.plugin_id = "org.example.local";
  local.location = "file:///worm";
  local.mode = LockMode::governance;
  const auto plan = make_store_plan(bundle, "local", local, testing::some_retention());
  REQUIRE(plan);
  return {{"local", store_plan_json(*plan, bundle)},
          {"aws", store_plan_json(testing::some_plan(), bundle)}};
}

TEST_CASE("the plan names the places of v1's two stores for each member, and nothing is encoded") {
  struct Row {
    std::string_view prefix;
    std::string_view s3_uri;
  };
  BundleSummary bundle = testing::small_bundle();
  bundle.files = {testing::file_of("a b/ü%.txt", 7)};
  for (const auto& [prefix, s3_uri] :
       {Row{"evidence/", "s3://bucket/evidence/a b/ü%.txt"}, Row{"", "s3://bucket//a b/ü%.txt"},
        Row{"/", "s3://bucket//a b/ü%.txt"}, Row{"x///", "s3://bucket/x/a b/ü%.txt"},
        Row{"/x/y", "s3://bucket//x/y/a b/ü%.txt"}}) {
    CAPTURE(prefix);
    StoragePlanOptions options;
    options.s3_bucket = "bucket";
    options.s3_prefix = prefix;
    options.azure_account = "account";
    options.azure_container = "container";
    const JsonValue plan = plan_of(bundle, options);
    const JsonValue& file = plan.find("files")->if_array()->at(0);
    CHECK(*file.find("s3_uri") == JsonValue(s3_uri));
    CHECK(*file.find("azure_blob") ==
          JsonValue("https://account.blob.core.windows.net/container/a b/ü%.txt"));
    CHECK(*file.find("bytes") == JsonValue(7));
    CHECK(*file.find("sha256") == JsonValue(testing::kMemberSha256));
    CHECK(*plan.find("s3_object_lock")->find("prefix") == JsonValue(prefix));
  }
}

TEST_CASE("the plan without stores has v1's parts and no other, and no manifest among its files") {
  const JsonValue plan = plan_of(testing::small_bundle());
  std::vector<std::string> names;
  for (const JsonMember& member : *plan.if_object())
    names.push_back(member.name);
  CHECK(names == std::vector<std::string>{"azure_immutable_blob", "bundle", "files", "product",
                                          "retention", "s3_object_lock", "schema_version"});
  CHECK(plan.find("files")->if_array()->size() == 2);
  CHECK_FALSE(contains(compact_json(plan), "manifest.json"));
}

TEST_CASE("the days of the option stand in all three places") {
  StoragePlanOptions options;
  options.retention_days = 365;
  const JsonValue plan = plan_of(testing::small_bundle(), options);
  CHECK(*plan.find("retention")->find("retention_days") == JsonValue(365));
  CHECK(*plan.find("s3_object_lock")->find("default_retention_days") == JsonValue(365));
  CHECK(*plan.find("azure_immutable_blob")->find("immutability_policy_days") == JsonValue(365));
}

TEST_CASE("days below 1 are a usage error") {
  for (const std::int64_t days : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN}) {
    CAPTURE(days);
    StoragePlanOptions options;
    options.retention_days = days;
    const auto plan = make_storage_plan(testing::small_bundle(), options, {});
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == ErrorCode::usage);
    CHECK(contains(plan.error().message, "--retention-days"));
  }
  StoragePlanOptions one;
  one.retention_days = 1;
  CHECK(make_storage_plan(testing::small_bundle(), one, {}));
}

TEST_CASE("days below the signed policy's are a note, and no error") {
  BundleSummary bundle = testing::small_bundle();
  StoragePlanOptions options;
  options.retention_days = 365;
  CHECK(storage_plan_notes(bundle, options).empty());
  bundle.retention = RetentionPolicy{"c", 365, bundle.manifest.created_at, false};
  CHECK(storage_plan_notes(bundle, options).empty());
  bundle.retention->retention_days = 366;
  const auto notes = storage_plan_notes(bundle, options);
  REQUIRE(notes.size() == 1);
  CHECK(contains(notes[0], "365 days"));
  CHECK(contains(notes[0], "366"));
  CHECK(make_storage_plan(bundle, options, {}));
}

TEST_CASE("with stores the plan has their part, and a run can check itself against it") {
  const BundleSummary bundle = testing::small_bundle();
  const auto stores = two_stores(bundle);
  const JsonValue plan = plan_of(bundle, {}, stores);
  const JsonValue* part = plan.find("stores");
  REQUIRE(part != nullptr);
  CHECK(part->if_object()->size() == 2);
  CHECK(*part->find("aws") == stores.at("aws"));
  CHECK(check_plan_document(plan, testing::some_plan(), bundle));
  const auto read = parse_json(pretty_json(plan));
  REQUIRE(read);
  CHECK(check_plan_document(*read, testing::some_plan(), bundle));
}

TEST_CASE("a plan fits its schema, whatever gave the date, and one with less or more does not") {
  const JsonSchema schema = testing::plan_schema();
  const BundleSummary bundle = testing::small_bundle();
  RetentionRequest request;
  request.period = Period{1, 0, 0};
  request.minimum = Period{7, 0, 0};
  const RetentionPolicy policy{"c", 1, testing::time_of("2030-01-01T00:00:00Z"), true};
  const auto retention = retention_date(bundle.manifest.created_at, policy, request);
  REQUIRE(retention);
  const auto store = make_store_plan(bundle, "aws", testing::roomy_store(), *retention);
  REQUIRE(store);
  const JsonValue plan = plan_of(bundle, {}, {{"aws", store_plan_json(*store, bundle)}});
  const auto violations = schema.validate(plan);
  CHECK_MESSAGE(violations.empty(), (violations.empty() ? "" : violations[0].pointer));

  JsonValue more = plan;
  more.set("cloud", 1);
  CHECK(schema.validate(more).size() == 1);
  JsonValue less = plan;
  less.set("stores", JsonValue::object({{"aws", JsonValue::object({{"keys", 1}})}}));
  CHECK_FALSE(schema.validate(less).empty());
}

TEST_CASE("the Markdown has a line for each store below v1's text") {
  const BundleSummary bundle = testing::small_bundle();
  const std::string v1_text = storage_plan_markdown(plan_of(bundle));
  const std::string text = storage_plan_markdown(plan_of(bundle, {}, two_stores(bundle)));
  REQUIRE(text.starts_with(v1_text));
  const std::string prefix = "`evidence/session-17/" + testing::kManifestSha256 + "/`";
  CHECK(text.substr(v1_text.size()) ==
        "\n## Stores\n\n"
        "- `aws` (`org.example.store`, `example:bucket`): 3 objects below " +
            prefix +
            ", compliance until 2033-05-18T03:33:21Z\n"
            "- `local` (`org.example.local`, `file:///worm`): 3 objects below " +
            prefix + ", governance until 2033-05-18T03:33:21Z\n");
}

TEST_CASE("the Markdown holds nothing that a terminal obeys, and cuts no path") {
  BundleSummary bundle = testing::small_bundle();
  bundle.files = {testing::file_of("a\x1b[2J\nb", 1), testing::file_of(std::string(2000, 'x'), 1)};
  const std::string text = storage_plan_markdown(plan_of(bundle));
  CHECK_FALSE(contains(text, "\x1b"));
  CHECK(contains(text, "- `a\\u001b[2J\\u000ab` `"));
  CHECK(contains(text, "- `" + std::string(2000, 'x') + "` `"));
}

TEST_CASE("both files are written, into a folder that is made, and an earlier plan is replaced") {
  const TemporaryFolder temporary;
  const std::filesystem::path folder = temporary.path() / "deep" / "storage";
  const BundleSummary bundle = testing::small_bundle();
  StoragePlanOptions options;
  options.retention_days = 1;
  CHECK(write_storage_plan(plan_of(bundle, options), folder));
  const JsonValue plan = plan_of(bundle);
  CHECK(write_storage_plan(plan, folder));
  CHECK(content_of(folder / "immutable-storage-plan.json") == pretty_json(plan) + '\n');
  CHECK(content_of(folder / "immutable-storage-plan.md") == storage_plan_markdown(plan));
  // Nothing else lies there.
  const auto entries = std::filesystem::directory_iterator(folder);
  CHECK(std::distance(begin(entries), end(entries)) == 2);
}

TEST_CASE("where the folder cannot be made the error names it") {
  const TemporaryFolder temporary;
  std::ofstream(temporary.path() / "file") << "x";
  const auto written =
      write_storage_plan(plan_of(testing::small_bundle()), temporary.path() / "file" / "below");
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::io);
  CHECK(contains(written.error().message, (temporary.path() / "file").string()));
}

}  // namespace
}  // namespace cavra
