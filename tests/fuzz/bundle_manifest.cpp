// manifest.json of a bundle: read, and held against its signature.
#include "bundle/manifest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "bundle/member_path.hpp"
#include "bundle/progress.hpp"
#include "cavra/trust_anchor.hpp"
#include "fuzz.hpp"
#include "fuzz_key.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

// A folder in memory where there is one, with one manifest.json that is written over and over.
class ManifestFolder {
 public:
  ManifestFolder() {
    const bool has_memory = ::access("/dev/shm", W_OK) == 0;
    path_ = (has_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) +
            "/cavra-fuzz-XXXXXX";
    require(::mkdtemp(path_.data()) != nullptr, "a folder can be made");
    folder_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    file_ = FileDescriptor(
        ::openat(folder_.get(), "manifest.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    require(folder_.get() >= 0 && file_.get() >= 0, "a manifest can be made");
  }
  ManifestFolder(const ManifestFolder&) = delete;
  ManifestFolder& operator=(const ManifestFolder&) = delete;
  ~ManifestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  void write(std::string_view bytes) const {
    require(::ftruncate(file_.get(), 0) == 0, "the manifest can be emptied");
    require(
        ::pwrite(file_.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
        "the manifest can be written");
  }
  [[nodiscard]] int fd() const { return folder_.get(); }

 private:
  std::string path_;
  FileDescriptor folder_;
  FileDescriptor file_;
};

JsonValue seed_manifest() {
  const auto entry = [](const char* path) {
    return JsonValue::object({{"path", path}, {"sha256", sha256(path).hex()}, {"bytes", 17}});
  };
  JsonValue manifest = JsonValue::object(
      {{"schema_version", "cavra.evidence.bundle.v1"},
       {"product", "CAVRA"},
       {"created_at", "2026-05-21T12:00:00+00:00"},
       {"signer", "fuzz"},
       {"files", JsonValue(JsonValue::Array{entry("evidence.json"), entry("deep/er/log.txt")})}});
  const Signature made =
      *make_ed25519_signer(fuzz_key(), "fuzz")->sign(as_bytes(canonical_json(manifest)));
  manifest.set("signature", JsonValue::object({{"algorithm", made.algorithm},
                                               {"key_id", made.key_id},
                                               {"public_key_sha256", made.public_key_sha256},
                                               {"value", made.value_text()}}));
  return manifest;
}

void check(const Manifest& manifest) {
  for (const ManifestEntry& entry : manifest.entries)
    require(!entry.is_sound || why_no_member_path(entry.path).empty(), "a sound entry has a path");
  if (!manifest.has_signature || !manifest.has_created_at) return;
  const auto canonical = parse_json(manifest.canonical);
  require(canonical && canonical_json(*canonical) == manifest.canonical,
          "what is signed is the canonical form");

  static const TrustAnchor anchor = TrustAnchor::from_roots(std::make_shared<FuzzRoots>());
  static const std::string signed_one = canonical_json_without(seed_manifest(), "signature");
  std::optional<TrustRoot> signed_by;
  const Findings findings = anchor.check(manifest.canonical, manifest.facts.signature, "",
                                         manifest.facts.created_at.at, &signed_by);
  require(!findings.empty() || manifest.canonical == signed_one, "no other manifest was signed");
}

}  // namespace

void fuzz_bundle_manifest(std::string_view bytes) {
  static const ManifestFolder folder;
  static const VerifyPolicy policy;
  folder.write(bytes);
  FindingList findings;
  Progress progress(policy);
  const auto hasher = make_sha256();
  const auto manifest = read_manifest(folder.fd(), *hasher, progress, findings);
  require(manifest || !findings.empty(), "a manifest, or why not");
  if (manifest) {
    check(*manifest);
    require(manifest->file.sha256 == sha256(bytes), "the manifest's digest is that of its bytes");
  }
  for (const Finding& finding : findings.take()) {
    require_printable(finding.message);
    require_printable(finding.place);
  }
}

std::vector<std::string> seed_bundle_manifest() {
  return {pretty_json(seed_manifest()), compact_json(seed_manifest())};
}

}  // namespace cavra::fuzz
