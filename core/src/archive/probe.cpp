#include "cavra/probe.hpp"

#include <algorithm>

#include "cavra/support/encoding.hpp"

namespace cavra {

const char* to_string(ProbeItem::Verdict verdict) noexcept {
  switch (verdict) {
    case ProbeItem::Verdict::ok:
      return "ok";
    case ProbeItem::Verdict::missing:
      return "missing";
    case ProbeItem::Verdict::excess:
      return "excess";
    case ProbeItem::Verdict::unknown:
      return "unknown";
    case ProbeItem::Verdict::note:
      return "note";
  }
  return "unknown";
}

Result<std::vector<ProbeItem>> ask_probe(StorageBackend& store, const CallContext& call) {
  CAVRA_TRY(const auto session, store.session());
  return session->probe(call);
}

Result<void> check_probe(std::span<const ProbeItem> items, const std::string& name) {
  std::string missing;
  for (const ProbeItem& item : items) {
    if (item.verdict != ProbeItem::Verdict::missing) continue;
    missing += (missing.empty() ? "" : "; ") + item.name + ": " + item.message;
  }
  if (missing.empty()) return {};
  return Error{ErrorCode::refused,
               "the store " + quoted(name) + " cannot hold an archive: " + missing};
}

std::size_t count_of(std::span<const ProbeItem> items, ProbeItem::Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(items, verdict, &ProbeItem::verdict));
}

std::int64_t least_retention_s(std::span<const ProbeItem> items) {
  std::int64_t least = 0;
  for (const ProbeItem& item : items)
    least = std::max(least, item.least_retention_s);
  return least;
}

}  // namespace cavra
