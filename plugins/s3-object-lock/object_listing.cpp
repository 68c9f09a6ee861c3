#include "object_listing.hpp"

#include <charconv>

#include "cavra/support/encoding.hpp"
#include "cloud/keys.hpp"

namespace cavra::s3 {

namespace {

sdk::ListEntry entry_of(const ListedVersion& listed) {
  return {.kind = listed.is_delete_marker ? sdk::ListEntry::Kind::delete_marker
                                          : sdk::ListEntry::Kind::object,
          .key = listed.key,
          .version = listed.version,
          .length = listed.length,
          .stored_at_unix_s = listed.stored_at_unix_s,
          .is_latest = listed.is_latest};
}

sdk::ListEntry entry_of(const ListedUpload& listed) {
  return {.kind = sdk::ListEntry::Kind::incomplete_upload,
          .key = listed.key,
          .version = {},
          .length = 0,
          .stored_at_unix_s = listed.begun_at_unix_s,
          .is_latest = false};
}

// Tells one page; how many entries were told.
template <class Entry>
Result<std::size_t> tell(const ListingPage<Entry>& page, sdk::ListSink& sink) {
  std::size_t told = 0;
  for (const Entry& listed : page.entries) {
    if (!cloud::can_be_key(listed.key)) continue;
    CAVRA_CHECK(sink.entry(entry_of(listed)));
    ++told;
  }
  return told;
}

Result<void> move_on(Cursor& cursor, std::optional<ListingPlace> next) {
  if (next && (next->key < cursor.after.key || *next == cursor.after))
    return Error{ErrorCode::io, "the service's listing goes back to " + quoted(next->key, 100) +
                                    " and would not end"};
  cursor.after = next ? *std::move(next) : ListingPlace{};
  return {};
}

}  // namespace

std::string format_cursor(const Cursor& cursor) {
  return (cursor.is_in_uploads ? "u" : "v") + std::to_string(cursor.after.key.size()) + ":" +
         cursor.after.key + cursor.after.id;
}

Result<Cursor> parse_cursor(std::string_view text) {
  const Error wrong{ErrorCode::usage, "this store gave no such place to go on from"};
  if (text.empty()) return Cursor{};
  if (text.front() != 'v' && text.front() != 'u') return wrong;
  std::size_t length = 0;
  const char* const last = text.data() + text.size();
  const auto [end, problem] = std::from_chars(text.data() + 1, last, length);
  if (problem != std::errc() || end == last || *end != ':') return wrong;
  const std::string_view rest(end + 1, static_cast<std::size_t>(last - end - 1));
  if (length > rest.size()) return wrong;
  return Cursor{text.front() == 'u',
                {std::string(rest.substr(0, length)), std::string(rest.substr(length))}};
}

Result<std::string> list_objects(const Asking& ask, const sdk::ListRequest& request,
                                 sdk::ListSink& sink) {
  CAVRA_TRY(Cursor cursor, parse_cursor(request.cursor));
  for (;;) {
    CAVRA_CHECK(ask.call.check());
    std::size_t told = 0;
    bool is_last = false;
    if (cursor.is_in_uploads) {
      CAVRA_TRY(auto page, list_uploads(ask, request.prefix, cursor.after, request.limit));
      CAVRA_TRY(told, tell(page, sink));
      is_last = !page.next;
      CAVRA_CHECK(move_on(cursor, std::move(page.next)));
    } else {
      CAVRA_TRY(auto page, list_versions(ask, request.prefix, cursor.after, request.limit));
      CAVRA_TRY(told, tell(page, sink));
      cursor.is_in_uploads = !page.next;
      CAVRA_CHECK(move_on(cursor, std::move(page.next)));
    }
    if (is_last) return std::string();
    if (told > 0) return format_cursor(cursor);
  }
}

}  // namespace cavra::s3
