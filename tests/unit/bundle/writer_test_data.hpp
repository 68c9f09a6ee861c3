// Decisions, and a place where a bundle of them is written.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle_test_data.hpp"
#include "byte_sources.hpp"
#include "cavra/bundle_writer.hpp"

namespace cavra::testing {

inline JsonValue decision(std::string_view outcome, std::string_view target,
                          std::string_view severity = "low") {
  return JsonValue::object(
      {{"session_id", "s-17"}, {"decision", outcome}, {"target", target}, {"severity", severity}});
}

inline std::string lines(const std::vector<JsonValue>& decisions) {
  std::string text;
  for (const JsonValue& each : decisions)
    text += compact_json(each) + '\n';
  return text;
}

// Two decisions as JSON lines.
inline const std::string kTwo =
    lines({decision("block", ".env", "high"), decision("allow", "make")});

// Where a bundle is written: `bundle` in a folder of its own.
struct Place {
  TemporaryFolder folder;
  std::filesystem::path output = folder.path() / "bundle";

  [[nodiscard]] BundleRequest request() const {
    return {.output = output, .created_at = time_of("2026-05-21T12:00:00.5+02:00")};
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    return folder.read("bundle/" + name);
  }
  // What lies beside the bundle, hidden or not.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& each : std::filesystem::directory_iterator(output.parent_path()))
      all.push_back(each.path().filename());
    std::ranges::sort(all);
    return all;
  }
  [[nodiscard]] VerifyReport verify() const {
    return cavra::verify(must(Bundle::open(output.string())), TestBundle::anchor(), {});
  }
};

inline Result<WrittenBundle> write(const std::string& decisions, const BundleRequest& request,
                                   DecisionFormat format = DecisionFormat::automatic,
                                   const Signer& signer = *TestBundle::signer()) {
  MemorySource source(decisions, 7);
  return write_bundle(source, format, request, signer);
}

}  // namespace cavra::testing
