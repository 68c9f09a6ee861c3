// CaseIndex knows which names a folder has, so that no two come to differ in case only: such a
// store could not be copied to a file system that takes them for one.
//
// It reads a folder once, on the first new name in it, and keeps hashes: a put into a folder of
// 200,000 files must not read it again. So a name that another process adds meanwhile is not seen.
// Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "cavra/support/result.hpp"
#include "folder.hpp"

namespace cavra::local_worm {

class CaseIndex {
  using FolderId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode

 public:
  // Holds a name for a writer that is about to make it. Gone without keep(): it was not made.
  class Claim {
   public:
    Claim(CaseIndex& index, FolderId folder, std::uint64_t folded)
        : index_(&index), folder_(folder), folded_(folded) {}
    Claim(Claim&& other) noexcept
        : index_(std::exchange(other.index_, nullptr)),
          folder_(std::move(other.folder_)),
          folded_(other.folded_),
          is_made_(other.is_made_) {}
    Claim& operator=(Claim&&) = delete;
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() {
      if (index_ != nullptr) index_->settle(folder_, folded_, is_made_);
    }
    void keep() noexcept { is_made_ = true; }

   private:
    CaseIndex* index_;
    FolderId folder_;
    std::uint64_t folded_;
    bool is_made_ = false;
  };

  // Errors: refused, where a name is there or being made that differs in case only; io.
  [[nodiscard]] Result<Claim> claim(const Folder& folder, const std::string& name);

 private:
  struct Name {
    std::uint64_t exact = 0;  // hash of the name as it is
    std::uint32_t claims = 0;
    bool is_there = false;
  };
  struct Names {
    std::unordered_map<std::uint64_t, Name> by_folded_hash;
    std::uint32_t claims = 0;
  };

  [[nodiscard]] Result<Names*> names_of(const Folder& folder);
  void settle(FolderId folder, std::uint64_t folded, bool is_made) noexcept;

  std::mutex mutex_;
  std::map<FolderId, Names> folders_;
};

}  // namespace cavra::local_worm
