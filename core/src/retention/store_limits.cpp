#include "retention/store_limits.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "cavra/support/encoding.hpp"

namespace cavra::detail {
namespace {

// One rule that many keys may break: the first is told, the others are counted.
class KeyRule {
 public:
  explicit KeyRule(std::string problem) : problem_(std::move(problem)) {}

  void add(std::string_view key) {
    if (count_++ == 0) first_ = key;
  }
  void tell(std::vector<std::string>& reasons) const {
    if (count_ == 0) return;
    std::string reason = "the key " + quoted(first_, 120) + ' ' + problem_;
    if (count_ > 1) reason += " (and " + std::to_string(count_ - 1) + " more)";
    reasons.push_back(std::move(reason));
  }

 private:
  std::string problem_;
  std::string first_;
  std::size_t count_ = 0;
};

// Calls body(part) for each part between slashes.
template <class Body>
void for_each_part(std::string_view key, Body body) {
  for (;;) {
    const std::size_t slash = key.find('/');
    body(key.substr(0, slash));
    if (slash == std::string_view::npos) return;
    key.remove_prefix(slash + 1);
  }
}

// The rules for keys of one store, each key told at most once for each rule.
class KeyRules {
 public:
  explicit KeyRules(const StoreDescription& store)
      : store_(store),
        whole_("is longer than the " + std::to_string(store.max_key_bytes) +
               " bytes that the store takes"),
        part_("has a part longer than the " + std::to_string(store.max_key_part_bytes) +
              " bytes that the store takes"),
        form_("has a part that is empty, \".\" or \"..\""),
        dot_("has a part that ends in a dot, which the store takes none of") {}

  void check(std::string_view key) {
    if (key.size() > store_.max_key_bytes) whole_.add(key);
    bool is_part_long = false;
    bool is_part_odd = false;
    bool ends_in_dot = false;
    for_each_part(key, [&](std::string_view part) {
      is_part_odd |= part.empty() || part == "." || part == "..";
      ends_in_dot |= store_.has_no_dot_ends && part.ends_with('.');
      is_part_long |= store_.max_key_part_bytes != 0 && part.size() > store_.max_key_part_bytes;
    });
    if (is_part_long) part_.add(key);
    if (is_part_odd) form_.add(key);
    if (ends_in_dot && !is_part_odd) dot_.add(key);
  }
  void tell(std::vector<std::string>& reasons) const {
    whole_.tell(reasons);
    part_.tell(reasons);
    form_.tell(reasons);
    dot_.tell(reasons);
  }

 private:
  const StoreDescription& store_;
  KeyRule whole_;
  KeyRule part_;
  KeyRule form_;
  KeyRule dot_;
};

void check_lock(const Lock& lock, const StoreDescription& store,
                std::vector<std::string>& reasons) {
  if (lock.mode == LockMode::none) reasons.emplace_back("its mode is none: it locks nothing");
  const auto& last = store.last_retain_until_unix_s;
  if (last && lock.retain_until_unix_s && *lock.retain_until_unix_s > *last)
    reasons.push_back("the latest date that it can hold is " + format_utc({*last, 0}) +
                      ", and this bundle is to be kept until " +
                      format_utc({*lock.retain_until_unix_s, 0}));
  if (lock.legal_hold && !store.has_legal_hold)
    reasons.emplace_back("the signed policy has a legal hold, and this store has none");
}

void check_keys(const StorePlan& plan, const BundleSummary& bundle, const StoreDescription& store,
                std::vector<std::string>& reasons) {
  KeyRules rules(store);
  for (const BundleSummary::File& file : bundle.files)
    rules.check(plan.member_key(file.path));
  // Stands for any receipt's, as digests are alike in length, and for the manifest's shorter key.
  rules.check(plan.receipt_key(bundle.manifest_file.sha256.hex()));
  rules.tell(reasons);
}

void check_sizes(const BundleSummary& bundle, const StoreDescription& store,
                 std::vector<std::string>& reasons) {
  if (!store.largest_object_bytes) return;
  const BundleSummary::File* largest = &bundle.manifest_file;
  for (const BundleSummary::File& file : bundle.files) {
    if (file.bytes > largest->bytes) largest = &file;
  }
  if (largest->bytes <= *store.largest_object_bytes) return;
  reasons.push_back(quoted(largest->path, 120) + " has " + std::to_string(largest->bytes) +
                    " bytes, and the largest object that it takes has " +
                    std::to_string(*store.largest_object_bytes));
}

}  // namespace

Result<void> check_limits(const StorePlan& plan, const BundleSummary& bundle,
                          const StoreDescription& store) {
  std::vector<std::string> reasons;
  check_lock(plan.lock, store, reasons);
  check_keys(plan, bundle, store, reasons);
  check_sizes(bundle, store, reasons);
  if (reasons.empty()) return {};
  std::string message = "store \"" + plan.store + "\" cannot hold this bundle: ";
  for (const std::string& reason : reasons) {
    if (&reason != &reasons.front()) message += "; ";
    message += reason;
  }
  return Error{ErrorCode::refused, std::move(message)};
}

}  // namespace cavra::detail
