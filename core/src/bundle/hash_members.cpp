#include "bundle/hash_members.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>

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

// What all workers share. Each member is taken by one of them.
struct Work {
  int folder;
  const Manifest& manifest;
  const VerifyPolicy& policy;
  Progress& progress;
  FindingList& findings;
  HashedMembers& result;
  std::atomic<std::size_t> next = 0;
};

class Worker {
 public:
  explicit Worker(Work& work) : work_(work), hasher_(work.policy.hasher()), buffer_(kBufferBytes) {}

  void run() {
    const std::size_t count = work_.manifest.entries.size();
    while (!work_.progress.is_cancelled()) {
      const std::size_t index = work_.next.fetch_add(1, std::memory_order_relaxed);
      if (index >= count) return;
      if (work_.manifest.entries[index].is_sound) check(index);
    }
  }

 private:
  void check(std::size_t index) {
    const ManifestEntry& entry = work_.manifest.entries[index];
    auto opened = open_bundle_file(work_.folder, entry.path);
    if (const auto* problem = std::get_if<FileProblem>(&opened))
      return add(index, code_of(problem->kind), problem->message);
    const OpenFile& file = std::get<OpenFile>(opened);
    if (file.identity.size != entry.bytes) {
      return add(index, "member.size",
                 "has " + std::to_string(file.identity.size) + " bytes, and the manifest says " +
                     std::to_string(entry.bytes) + "; get the file that was signed");
    }
    Content content;
    if (auto read = read_all(entry, file, content); !read) {
      (void)hasher_->finish();
      if (read.error().code != ErrorCode::cancelled)
        add(index, "member.unreadable", "cannot be read: " + read.error().message);
      return;
    }
    const Digest digest = hasher_->finish();
    if (!content.is_unchanged) {
      return add(index, "member.changed",
                 "changed while it was read; let nothing write to the bundle, and verify again");
    }
    if (digest != entry.sha256) {
      return add(index, "member.digest",
                 "has the SHA-256 " + digest.hex() + ", and the manifest says " +
                     entry.sha256.hex() + "; get the file that was signed");
    }
    work_.result.files[index] = file.identity;
    if (content.evidence) work_.result.evidence = std::move(content.evidence);
    if (content.retention_policy)
      work_.result.retention_policy = std::move(content.retention_policy);
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

  void add(std::size_t index, const char* code, const std::string& problem) {
    const std::string& path = work_.manifest.entries[index].path;
    work_.findings.add(member_rank(index),
                       Finding{code, printable(path), quoted(path) + ' ' + problem});
  }

  Work& work_;
  std::unique_ptr<Hasher> hasher_;
  std::vector<std::byte> buffer_;
};

// A thread's entry: an exception is a bug or no memory, and goes on in the caller's thread.
void run_worker(Work& work, std::exception_ptr& failure) noexcept {
  try {
    Worker(work).run();
  } catch (...) {
    failure = std::current_exception();
    work.next.store(work.manifest.entries.size());  // no more for the others
  }
}

}  // namespace

HashedMembers hash_members(int folder, const Manifest& manifest, const VerifyPolicy& policy,
                           Progress& progress, FindingList& findings) {
  HashedMembers result;
  result.files.resize(manifest.entries.size());
  Work work{folder, manifest, policy, progress, findings, result, {}};

  const std::size_t wanted =
      policy.workers > 0 ? policy.workers : std::max(1U, std::thread::hardware_concurrency());
  const std::size_t count = std::clamp<std::size_t>(manifest.entries.size(), 1, wanted);
  std::vector<std::exception_ptr> failures(count);
  {
    std::vector<std::jthread> threads;
    threads.reserve(count);
    for (std::size_t i = 1; i < count; ++i) {
      try {
        threads.emplace_back([&work, &failure = failures[i]] { run_worker(work, failure); });
      } catch (const std::system_error&) {
        break;  // no more threads to be had: those there do it all
      }
    }
    run_worker(work, failures[0]);
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return result;
}

}  // namespace cavra
