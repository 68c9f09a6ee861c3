#include "archive/archive_contents.hpp"

#include <algorithm>

#include "archive/inquiry.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::engine {

namespace {

// A bundle has at most a million members; somebody else may have put as many versions above them.
constexpr std::size_t kMaxEntries = 2'000'002;
constexpr std::uint64_t kMaxNameBytes = std::uint64_t{512} << 20;

}  // namespace

Finding unfinished_upload(const std::string& key) {
  return {"store.upload", key, "an upload was begun and not ended"};
}

Result<ArchiveContents> ArchiveContents::list(StorageSession& session, const CallLimits& limits,
                                              const std::string& bundle_prefix) {
  ArchiveContents contents;
  contents.bundle_prefix_ = bundle_prefix;
  std::uint64_t name_bytes = 0;
  const auto take = [&](const ListEntry& entry) -> Result<void> {
    name_bytes += entry.key.size() + entry.version.size();
    if (++contents.entries_ > kMaxEntries || name_bytes > kMaxNameBytes) {
      ++contents.untold_;
      return {};
    }
    if (entry.kind == ListEntry::Kind::delete_marker) return {};  // what it hides says so itself
    if (entry.kind == ListEntry::Kind::incomplete_upload) {
      contents.uploads_.push_back(entry.key);
      return {};
    }
    if (entry.is_latest) contents.bytes_ += entry.length;
    contents.members_[entry.key.substr(bundle_prefix.size())].push_back(
        {.version = entry.version, .length = entry.length, .is_latest = entry.is_latest});
    return {};
  };
  auto listed = session.list(limits.context(), bundle_prefix, take);
  if (!listed) return at_key("list", bundle_prefix, std::move(listed).error());
  return contents;
}

bool ArchiveContents::has(std::string_view member) const {
  return members_.contains(std::string(member));
}

void ArchiveContents::compare_with(const Receipt& receipt, Findings& findings) {
  for (const ProvenObject& object : receipt.objects) {
    const auto tell = [&](const char* code, std::string message) {
      findings.push_back({code, receipt.member_key(object.member), std::move(message)});
    };
    const auto member = members_.find(object.member);
    if (member == members_.end()) {
      tell("store.missing", "the receipt has it, and the store does not list it");
      continue;
    }
    const auto version = std::ranges::find(member->second, object.version, &Version::version);
    if (version == member->second.end()) {
      tell("store.missing", "the store does not list the version " + quoted(object.version, 100));
      continue;
    }
    version->is_known = true;
    if (version->length != object.bytes)
      tell("store.size", "it has " + std::to_string(version->length) + " bytes in the store, not " +
                             std::to_string(object.bytes));
    if (!version->is_latest)
      tell("store.hidden",
           "another version or a delete marker lies above it; `status` and `restore` ask for the "
           "archived version");
  }
}

void ArchiveContents::tell_unknown(Findings& findings) const {
  if (untold_ > 0)
    findings.push_back({"store.unexpected", bundle_prefix_,
                        std::to_string(entries_) + " entries lie below it, and the last " +
                            std::to_string(untold_) + " were not looked at"});
  for (const auto& [member, versions] : members_)
    for (const Version& version : versions)
      if (!version.is_known)
        findings.push_back({"store.unexpected", bundle_prefix_ + member,
                            version.version.empty() ? "no receipt speaks of it"
                                                    : "no receipt speaks of its version " +
                                                          quoted(version.version, 100)});
}

void ArchiveContents::tell_uploads(Findings& findings) const {
  for (const std::string& key : uploads_)
    findings.push_back(unfinished_upload(key));
}

}  // namespace cavra::engine
