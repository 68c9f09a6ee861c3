// Plans that the earlier tool wrote, byte for byte.
#include <doctest/doctest.h>

#include <filesystem>
#include <set>

#include "cavra/storage_plan.hpp"
#include "v1/plan_schema.hpp"
#include "vectors.hpp"

namespace cavra {
namespace {

using testing::plan_schema;
using testing::text_of;

const std::filesystem::path kFixtures = "fixtures/v1";

StoragePlanOptions options_of(const JsonValue& given) {
  StoragePlanOptions options;
  REQUIRE(given.is_object());
  for (const JsonMember& member : *given.if_object()) {
    if (member.name == "retention_days") {
      options.retention_days = testing::integer_of(given, member.name);
      continue;
    }
    std::string StoragePlanOptions::* place =
        member.name == "s3_bucket"         ? &StoragePlanOptions::s3_bucket
        : member.name == "s3_prefix"       ? &StoragePlanOptions::s3_prefix
        : member.name == "azure_account"   ? &StoragePlanOptions::azure_account
        : member.name == "azure_container" ? &StoragePlanOptions::azure_container
                                           : nullptr;
    REQUIRE_MESSAGE(place != nullptr, "unknown option " << member.name);
    options.*place = text_of(given, member.name);
  }
  return options;
}

// As verify sees the bundle without looking at who signed it.
Result<BundleSummary> summary_of(const std::filesystem::path& folder, VerifyReport& report) {
  CAVRA_TRY(Bundle bundle, Bundle::open(folder.string()));
  VerifyPolicy policy;
  policy.at = Timestamp{1'780'000'000, 0};  // a week after the fixtures
  return summarize_checksums_only(std::move(bundle), policy, &report);
}

TEST_CASE("plans have the bytes of the earlier tool's, and where it crashed there is an error") {
  const auto cases_text = testing::shared_file(kFixtures / "plan-cases.json");
  if (!cases_text) return;
  const auto cases = parse_json(*cases_text);
  REQUIRE(cases);
  std::set<std::string> answers;
  for (const JsonValue& row : *cases->find("cases")->if_array()) {
    const std::string name = text_of(row, "name");
    CAPTURE(name);
    answers.insert(text_of(row, "v1"));
    VerifyReport report;
    const auto summary =
        summary_of(*testing::shared_folder() / kFixtures / text_of(row, "bundle"), report);
    if (text_of(row, "v1") == "crash") {
      REQUIRE_FALSE(summary);
      CHECK(summary.error().code == ErrorCode::corrupt);
      REQUIRE(report.findings.size() == 1);
      CHECK(report.findings[0].place == "manifest.json");
      continue;
    }
    REQUIRE_MESSAGE(summary, summary.error().message);
    const auto plan = make_storage_plan(*summary, options_of(*row.find("options")), {});
    REQUIRE(plan);
    CHECK(plan_schema().validate(*plan).empty());
    const std::filesystem::path golden = kFixtures / text_of(row, "output");
    CHECK(pretty_json(*plan) + '\n' == testing::shared_file(golden / kStoragePlanJsonName));
    CHECK(storage_plan_markdown(*plan) == testing::shared_file(golden / kStoragePlanMarkdownName));
  }
  CHECK(answers == std::set<std::string>{"crash", "ok"});
}

}  // namespace
}  // namespace cavra
