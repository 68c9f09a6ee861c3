#include "records.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <string>
#include <vector>

#include "cavra/support/encoding.hpp"
#include "durable_file.hpp"
#include "file_system.hpp"
#include "small_file.hpp"

namespace cavra::local_worm {
namespace {

constexpr std::uint32_t kMaxSequence = 999999;
constexpr std::size_t kSequenceDigits = 6;

std::string name_of(std::uint32_t sequence) {
  const std::string digits = std::to_string(sequence);
  return std::string(kSequenceDigits - digits.size(), '0') + digits + ".json";
}

// 0: not the name of a record.
std::uint32_t sequence_of(std::string_view name) {
  std::uint32_t sequence = 0;
  const std::string_view digits = name.substr(0, kSequenceDigits);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), sequence).ec != std::errc{} ||
      sequence == 0 || sequence > kMaxSequence)
    return 0;
  return name_of(sequence) == name ? sequence : 0;
}

std::vector<std::string> folders_of(const ObjectKey& key) {
  std::vector<std::string> parts{std::string(kStoreFolder), "records"};
  parts.insert(parts.end(), key.folders().begin(), key.folders().end());
  parts.push_back(key.name());
  return parts;
}

// Empty: it does not count.
Result<std::optional<Record>> read_record(const Folder& folder, std::uint32_t sequence,
                                          const ObjectKey& key, bool must_be_sealed) {
  const std::string name = name_of(sequence);
  auto fd = open_beneath(folder, name, O_RDONLY);
  if (!fd && fd.error().code == ErrorCode::refused) return std::optional<Record>{};  // a symlink
  if (!fd) return fd.error();
  CAVRA_TRY(const FileStatus status, status_of(fd->get(), name));
  const bool is_sealed = status.flags && status.flags->is_immutable;
  if (!status.is_regular() || (must_be_sealed && !is_sealed)) return std::optional<Record>{};
  CAVRA_TRY(const std::string text, read_small_file(fd->get(), kMaxDocumentBytes, name));
  auto record = parse_record(text);
  if (!record || record->key != key.text() || record->sequence != sequence) {
    return Error{ErrorCode::corrupt,
                 "the record " + quoted(folder.path + "/" + name) +
                     " is not one of this object; its lock cannot be told",
                 false};
  }
  return record;
}

void apply(const Record& record, RecordSummary& summary) {
  switch (record.act) {
    case Act::extend:
      summary.latest_retain_until_unix_s =
          std::max(summary.latest_retain_until_unix_s.value_or(*record.retain_until_unix_s),
                   *record.retain_until_unix_s);
      return;
    case Act::hold:
      summary.is_held = true;
      return;
    case Act::release:
      summary.is_held = false;
      return;
  }
}

bool is_done(const RecordSummary& summary, Act act, std::optional<std::int64_t> retain_until) {
  switch (act) {
    case Act::extend:
      return summary.latest_retain_until_unix_s &&
             *summary.latest_retain_until_unix_s >= *retain_until;
    case Act::hold:
      return summary.is_held;
    case Act::release:
      return !summary.is_held;
  }
  return false;
}

// Errors: conflict, where another writer took the number.
Result<void> write_record(StoreRoot& store, const Folder& root, const Folder& folder,
                          const Record& record) {
  CAVRA_TRY(const Folder staging, open_staging(root));
  CAVRA_TRY(NamelessFile file, NamelessFile::create(staging, 0));
  CAVRA_CHECK(file.write(as_bytes(format_record(record))));
  CAVRA_CHECK(file.set_attributes({}));
  CAVRA_TRY(const FileDescriptor fd, std::move(file).settle(Sync::alone));
  if (store.is_advisory())
    return name_file(fd.get(), folder, name_of(record.sequence), Sync::alone);
  const std::string what = "the record of " + quoted(record.key);
  CAVRA_CHECK(forbid_writers(fd.get(), what));
  CAVRA_CHECK(name_file(fd.get(), folder, name_of(record.sequence), Sync::alone));
  return seal_file(store.sealer(), fd.get(), what, Sync::alone);
}

}  // namespace

Result<RecordSummary> read_records(const StoreRoot& store, const Folder& root,
                                   const ObjectKey& key) {
  const std::vector<std::string> parts = folders_of(key);
  // Most objects have none: one look tells.
  const auto at_once = open_beneath(root, join(parts), O_PATH | O_DIRECTORY);
  if (!at_once && at_once.error().code == ErrorCode::not_found) return RecordSummary{};
  const auto way = walk(root, parts);
  if (!way && way.error().code == ErrorCode::not_found) return RecordSummary{};
  if (!way) return way.error();
  const Folder& folder = way->folder;
  // Where names could go, a record shows nothing: one that says otherwise may have been there.
  const bool do_count = store.is_advisory() || way->keeps_names;

  std::vector<std::uint32_t> sequences;
  CAVRA_CHECK(for_each_entry(folder, [&](const FolderEntry& entry) -> Result<void> {
    if (const std::uint32_t sequence = sequence_of(entry.name)) sequences.push_back(sequence);
    return {};
  }));
  std::ranges::sort(sequences);
  RecordSummary summary;
  for (const std::uint32_t sequence : sequences) {
    if (!do_count) break;
    CAVRA_TRY(const auto record, read_record(folder, sequence, key, !store.is_advisory()));
    if (!record) continue;
    apply(*record, summary);
    summary.next_sequence = sequence + 1;
  }
  while (std::ranges::binary_search(sequences, summary.next_sequence))
    ++summary.next_sequence;
  return summary;
}

Result<void> add_record(StoreRoot& store, const Folder& root, const ObjectKey& key, Act act,
                        std::optional<std::int64_t> retain_until_unix_s) {
  CAVRA_TRY(const Folder folder, store.make_folders(root, folders_of(key)));
  for (;;) {
    CAVRA_TRY(const RecordSummary summary, read_records(store, root, key));
    if (is_done(summary, act, retain_until_unix_s)) return {};
    if (summary.next_sequence > kMaxSequence) {
      return Error{ErrorCode::refused,
                   "the lock of " + quoted(key.text()) + " has 999999 records; it takes no more",
                   false};
    }
    const Record record{.key = key.text(),
                        .sequence = summary.next_sequence,
                        .act = act,
                        .retain_until_unix_s = retain_until_unix_s};
    const auto written = write_record(store, root, folder, record);
    if (written || written.error().code != ErrorCode::conflict) return written;
  }
}

}  // namespace cavra::local_worm
