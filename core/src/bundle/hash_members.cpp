#include "bundle/hash_members.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "bundle/member_path.hpp"
#include "bundle/retention_policy_json.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

// Read at once. Measured: from 128 KiB up nothing gains, and 256 KiB stay within a core's cache.
constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

const char* code_of(FileProblem::Kind kind) {
  switch (kind) {
    case FileProblem::Kind::missing:
      return "member.missing";
    case FileProblem::Kind::link:
      return "member.link";
    case FileProblem::Kind::mount:
      return "member.mount";
    case FileProblem::Kind::not_regular:
      return "member.kind";
    case FileProblem::Kind::unreadable:
      break;
  }
  return "member.unreadable";
}

}  // namespace

// What all workers share.
struct MemberHashing::Work {
  struct Item {
    std::size_t index;
    ManifestEntry* entry;
  };
  template <class Value>
  using Found = std::vector<std::pair<std::size_t, Value>>;  // by the entry's index

  Work(int bundle_folder, const VerifyPolicy& its_policy, Progress& its_progress)
      : folder(bundle_folder), policy(its_policy), progress(its_progress) {}

  // Waits for one that is there to be hashed. Nothing: no more will come.
  std::optional<Item> take() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return next < items.size() || is_complete || is_over; });
      if (is_over || next == items.size()) return std::nullopt;
      const Item item = items[next++];
      // Until the manifest is complete, nobody but its reader knows.
      if (!is_complete || item.entry->is_sound) return item;
    }
  }

  // An exception is a bug or no memory: it goes on in the caller's thread.
  void end(std::exception_ptr problem) {
    {
      const std::lock_guard lock(mutex);
      is_over = true;
      if (problem && !failure) failure = std::move(problem);
    }
    changed.notify_all();
  }

  const int folder;
  const VerifyPolicy& policy;
  Progress& progress;
  FindingList findings;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Item> items;
  std::size_t next = 0;
  bool is_complete = false;  // no more items, and all is known of their entries
  bool is_over = false;
  std::exception_ptr failure;
  Found<Evidence> evidence;
  Found<std::string> retention_policies;

  std::size_t most_threads = 0;  // besides the caller's
  std::vector<std::jthread> threads;
};

class MemberHashing::Worker {
 public:
  explicit Worker(Work& work) : work_(work), hasher_(work.policy.hasher()), buffer_(kBufferBytes) {}

  // A thread's entry.
  static void run(Work& work) noexcept {
    try {
      Worker worker(work);
      while (const auto item = work.take()) {
        if (work.progress.is_cancelled()) return;
        worker.check(item->index, *item->entry);
      }
    } catch (...) {
      work.end(std::current_exception());
    }
  }

 private:
  void check(std::size_t index, ManifestEntry& entry) {
    auto opened = open_bundle_file(work_.folder, entry.path);
    if (const auto* problem = std::get_if<FileProblem>(&opened))
      return add(index, entry, code_of(problem->kind), problem->message);
    const OpenFile& file = std::get<OpenFile>(opened);
    if (file.identity.size != entry.bytes) {
      return add(index, entry, "member.size",
                 "has " + std::to_string(file.identity.size) + " bytes, and the manifest says " +
                     std::to_string(entry.bytes) + "; get the file that was signed");
    }
    Content content;
    if (auto read = read_all(entry, file, content); !read) {
      (void)hasher_->finish();
      if (read.error().code != ErrorCode::cancelled)
        add(index, entry, "member.unreadable", "cannot be read: " + read.error().message);
      return;
    }
    const Digest digest = hasher_->finish();
    if (!content.is_unchanged) {
      return add(index, entry, "member.changed",
                 "changed while it was read; let nothing write to the bundle, and verify again");
    }
    if (digest != entry.sha256) {
      return add(index, entry, "member.digest",
                 "has the SHA-256 " + digest.hex() + ", and the manifest says " +
                     entry.sha256.hex() + "; get the file that was signed");
    }
    entry.file = file.identity;
    if (!content.evidence && !content.retention_policy) return;
    const std::lock_guard lock(work_.mutex);
    if (content.evidence) work_.evidence.emplace_back(index, *std::move(content.evidence));
    if (content.retention_policy)
      work_.retention_policies.emplace_back(index, *std::move(content.retention_policy));
  }

  struct Content {
    std::optional<Evidence> evidence;
    std::optional<std::string> retention_policy;
    bool is_unchanged = false;
  };

  Result<void> read_all(const ManifestEntry& entry, const OpenFile& file, Content& content) {
    FileReader reader(file, hasher_.get(), work_.progress);
    if (entry.path == kEvidenceName) {
      CAVRA_TRY(content.evidence, read_evidence(reader));
    } else if (entry.path == kRetentionName && entry.bytes <= kMaxRetentionPolicyBytes) {
      CAVRA_TRY(content.retention_policy, read_text(reader));
    }
    CAVRA_CHECK(reader.drain(buffer_));
    CAVRA_TRY(content.is_unchanged, reader.is_unchanged());
    return {};
  }

  Result<std::string> read_text(FileReader& reader) {
    std::string text;
    for (;;) {
      CAVRA_TRY(const std::size_t size, reader.read(buffer_));
      if (size == 0) return text;
      text += as_text(std::span(buffer_).first(size));
    }
  }

  void add(std::size_t index, const ManifestEntry& entry, const char* code,
           const std::string& problem) {
    work_.findings.add(member_rank(index),
                       Finding{code, printable(entry.path), quoted(entry.path) + ' ' + problem});
  }

  Work& work_;
  std::unique_ptr<Hasher> hasher_;
  std::vector<std::byte> buffer_;
};

MemberHashing::MemberHashing(int folder, const VerifyPolicy& policy, Progress& progress)
    : work_(std::make_unique<Work>(folder, policy, progress)) {
  const std::size_t workers =
      policy.workers > 0 ? policy.workers : std::max(1U, std::thread::hardware_concurrency());
  work_->most_threads = workers - 1;
}

MemberHashing::~MemberHashing() {
  work_->progress.abandon();
  work_->end(nullptr);
}

void MemberHashing::add(std::size_t index, ManifestEntry& entry) {
  {
    const std::lock_guard lock(work_->mutex);
    work_->items.push_back({index, &entry});
  }
  work_->changed.notify_one();
  if (work_->threads.size() >= work_->most_threads) return;
  try {
    work_->threads.emplace_back([work = work_.get()] { Worker::run(*work); });
  } catch (const std::system_error&) {
    work_->most_threads = work_->threads.size();  // no more to be had: those there do it all
  }
}

HashedMembers MemberHashing::finish(const Manifest& manifest, FindingList& findings) {
  {
    const std::lock_guard lock(work_->mutex);
    work_->is_complete = true;
  }
  work_->changed.notify_all();
  Worker::run(*work_);
  work_->threads.clear();  // waits for them
  if (work_->failure) std::rethrow_exception(work_->failure);

  const auto is_sound = [&](std::size_t index) { return manifest.entries[index].is_sound; };
  findings.take_over(work_->findings, [&](std::size_t rank) { return is_sound(rank - 1); });
  HashedMembers result;
  for (auto& [index, evidence] : work_->evidence) {
    if (is_sound(index)) result.evidence = std::move(evidence);
  }
  for (auto& [index, text] : work_->retention_policies) {
    if (is_sound(index)) result.retention_policy = std::move(text);
  }
  return result;
}

}  // namespace cavra
