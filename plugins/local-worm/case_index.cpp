#include "case_index.hpp"

#include <functional>
#include <string_view>

#include "cavra/support/encoding.hpp"
#include "object_key.hpp"

namespace cavra::local_worm {
namespace {

constexpr std::size_t kMaxFolders = 256;

std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

// Reads the folder again, for the message.
std::string sibling_of(const Folder& folder, const std::string& name) {
  const std::string folded = fold_case(name);
  std::string sibling;
  const auto look = [&](const FolderEntry& entry) -> Result<void> {
    if (is_utf8(entry.name) && entry.name != name && fold_case(entry.name) == folded)
      sibling = entry.name;
    return {};
  };
  if (!for_each_entry(folder, look) || sibling.empty()) return "a name being written now";
  return quoted(sibling);
}

}  // namespace

Result<CaseIndex::Names*> CaseIndex::names_of(const Folder& folder) {
  const FolderId id{folder.status.device, folder.status.inode};
  if (const auto known = folders_.find(id); known != folders_.end()) return &known->second;
  if (folders_.size() >= kMaxFolders)
    std::erase_if(folders_, [](const auto& entry) { return entry.second.claims == 0; });
  Names names;
  CAVRA_CHECK(for_each_entry(folder, [&](const FolderEntry& entry) -> Result<void> {
    if (is_utf8(entry.name)) {
      names.by_folded_hash[hash_of(fold_case(entry.name))] = {.exact = hash_of(entry.name),
                                                              .is_there = true};
    }
    return {};
  }));
  return &folders_.emplace(id, std::move(names)).first->second;
}

Result<CaseIndex::Claim> CaseIndex::claim(const Folder& folder, const std::string& name) {
  const std::scoped_lock lock(mutex_);
  CAVRA_TRY(Names* const names, names_of(folder));
  const std::uint64_t folded = hash_of(fold_case(name));
  const std::uint64_t exact = hash_of(name);
  const auto [slot, is_new] = names->by_folded_hash.try_emplace(folded, Name{.exact = exact});
  if (!is_new && slot->second.exact != exact) {
    return Error{ErrorCode::refused,
                 "name " + quoted(name) + " in " + quoted(folder.path) +
                     " differs only in case from " + sibling_of(folder, name) +
                     "; choose another name",
                 false};
  }
  ++slot->second.claims;
  ++names->claims;
  return Claim(*this, {folder.status.device, folder.status.inode}, folded);
}

void CaseIndex::settle(FolderId folder, std::uint64_t folded, bool is_made) noexcept {
  const std::scoped_lock lock(mutex_);
  const auto names = folders_.find(folder);  // never dropped while it has claims
  const auto slot = names->second.by_folded_hash.find(folded);
  --names->second.claims;
  --slot->second.claims;
  if (is_made) slot->second.is_there = true;
  if (!slot->second.is_there && slot->second.claims == 0) names->second.by_folded_hash.erase(slot);
}

}  // namespace cavra::local_worm
