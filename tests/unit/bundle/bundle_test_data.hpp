// A bundle made by hand, member by member, so that each rule can be broken alone.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/hasher.hpp"
#include "cavra/json.hpp"
#include "cavra/signer.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/trust_anchor.hpp"
#include "cavra/verify.hpp"
#include "trust/trust_test_data.hpp"

namespace cavra::testing {

inline constexpr const char* kCreatedAt = "2026-05-21T12:00:00+00:00";

inline JsonValue good_evidence() {
  return JsonValue::object({{"product", "CAVRA"},
                            {"session_id", "s-17"},
                            {"created_at", kCreatedAt},
                            {"decisions", JsonValue::array()}});
}

inline JsonValue good_policy() {
  return JsonValue::object({{"schema_version", "cavra.evidence.retention.v1"},
                            {"product", "CAVRA"},
                            {"session_id", "s-17"},
                            {"classification", "regulated-sdlc"},
                            {"created_at", kCreatedAt},
                            {"retention_days", 30},
                            {"retain_until", "2026-06-20T12:00:00+00:00"},
                            {"legal_hold", false},
                            {"delete_protection", true},
                            {"disposition", "eligible_for_review_after_retain_until"}});
}

inline JsonValue without(JsonValue object, std::string_view name) {
  std::erase_if(*object.if_object(), [&](const JsonMember& each) { return each.name == name; });
  return object;
}
inline JsonValue with(JsonValue object, std::string name, JsonValue value) {
  object.set(std::move(name), std::move(value));
  return object;
}

class TestBundle {
 public:
  // evidence.json and a note, and all the manifest needs; not written yet.
  TestBundle() {
    manifest = JsonValue::object({{"schema_version", "cavra.evidence.bundle.v1"},
                                  {"product", "CAVRA"},
                                  {"created_at", kCreatedAt},
                                  {"signer", "tests"},
                                  {"files", JsonValue::array()}});
    add("evidence.json", compact_json(good_evidence()));
    add("note.txt", "hello\n");
  }

  [[nodiscard]] std::filesystem::path path(std::string_view name = "") const {
    return std::filesystem::path(folder.file("")) / name;
  }
  void write(const std::string& name, std::string_view bytes) const {
    std::filesystem::create_directories(path(name).parent_path());
    folder.write(name, bytes);
  }
  // Lists it, or lists it anew, and writes it.
  void add(const std::string& name, std::string_view bytes) {
    write(name, bytes);
    list(name, bytes);
  }
  void list(const std::string& name, std::string_view bytes) {
    JsonValue::Array& files = *files_of().if_array();
    std::erase_if(files, [&](const JsonValue& entry) {
      return entry.find("path") != nullptr && *entry.find("path") == JsonValue(name);
    });
    files.push_back(JsonValue::object({{"path", name},
                                       {"sha256", sha256(bytes).hex()},
                                       {"bytes", static_cast<std::uint64_t>(bytes.size())}}));
  }
  // To be changed in place.
  JsonValue& files_of() {
    for (JsonMember& member : *manifest.if_object()) {
      if (member.name == "files") return member.value;
    }
    FAIL("the manifest has no files");
    return manifest;
  }
  JsonValue& entry(std::size_t index) { return files_of().if_array()->at(index); }

  static std::unique_ptr<Signer> signer() { return make_ed25519_signer(test_key("bundle"), "k-1"); }

  // Signs what stands there now, with whatever signer, and writes manifest.json.
  void sign(const Signer& by = *signer()) {
    const std::string canonical = canonical_json_without(manifest, "signature");
    const Signature made = must(by.sign(as_bytes(canonical)));
    JsonValue signature = JsonValue::object({{"algorithm", made.algorithm}});
    if (!made.key_id.empty()) signature.set("key_id", made.key_id);
    if (!made.public_key_sha256.empty()) signature.set("public_key_sha256", made.public_key_sha256);
    signature.set("value", made.value_text());
    manifest.set("signature", signature);
    write("manifest.json", compact_json(manifest));
  }

  [[nodiscard]] Bundle open() const { return must(Bundle::open(path().string())); }
  [[nodiscard]] static TrustAnchor anchor() {
    return TrustAnchor::from_public_key(test_key("bundle").public_key());
  }
  [[nodiscard]] VerifyReport verify(const VerifyPolicy& policy = {}) const {
    return cavra::verify(open(), anchor(), policy);
  }

  TemporaryFolder folder;
  JsonValue manifest;
};

// "code place", for comparing and for messages.
inline std::vector<std::string> briefs(const Findings& findings) {
  std::vector<std::string> all;
  for (const Finding& finding : findings)
    all.push_back(finding.code + ' ' + finding.place);
  return all;
}
inline std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& each : all)
    text += each + "; ";
  return text;
}
inline bool has_code(const Findings& findings, std::string_view code) {
  return std::ranges::any_of(findings, [&](const Finding& each) { return each.code == code; });
}

// The report has this one finding and no bundle; its message is for people.
inline void check_only(const VerifyReport& report, std::string_view code, std::string_view place) {
  CAPTURE(code);
  CHECK(joined(briefs(report.findings)) == std::string(code) + ' ' + std::string(place) + "; ");
  CHECK_FALSE(report.bundle.has_value());
  for (const Finding& finding : report.findings) {
    CHECK(finding.message.size() > 20);
    CHECK(printable(finding.message, 4000) == finding.message);
  }
}

}  // namespace cavra::testing
