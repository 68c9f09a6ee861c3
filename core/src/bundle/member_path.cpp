#include "bundle/member_path.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <memory>
#include <new>
#include <numeric>
#include <stdexcept>

#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

struct Free {
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): utf8proc's memory is malloc's
  void operator()(utf8proc_uint8_t* text) const noexcept { std::free(text); }
};

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// C0, DEL, and C1, which UTF-8 writes as C2 80 to C2 9F.
bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return true;
  }
  return false;
}

std::string why_no_part(std::string_view part) {
  if (part.empty()) return "has an empty part (a '/' at its start or end, or two in a row)";
  if (part == "." || part == "..") return "has a part \"" + std::string(part) + '"';
  if (part.size() > kMaxPathPartBytes)
    return "has a part longer than " + std::to_string(kMaxPathPartBytes) + " bytes";
  return {};
}

// Unicode Standard Annex 15, Normalization Form C, of well-formed UTF-8.
std::string to_nfc(std::string_view text) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &out,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (size < 0) throw std::logic_error("to_nfc: not UTF-8");
  const std::unique_ptr<utf8proc_uint8_t, Free> owner(out);
  return {reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)};
}

// By byte, but '/' before all others: so what lies in a folder comes right behind its name.
std::strong_ordering compare(std::string_view a, std::string_view b) {
  const auto [at, bt] = std::ranges::mismatch(a, b);
  if (at == a.end() || bt == b.end()) return a.size() <=> b.size();
  const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
  return rank(*at) <=> rank(*bt);
}

// Sorts. Where a long tail is in order already, as in most manifests, that is one pass over it.
template <class IsLess>
void sort_mostly_sorted(std::vector<std::uint32_t>& order, IsLess is_less) {
  const auto last_step_down = std::adjacent_find(order.rbegin(), order.rend(), is_less);
  const auto tail =
      last_step_down == order.rend() ? order.begin() : std::prev(last_step_down.base());
  std::sort(order.begin(), tail, is_less);
  std::inplace_merge(order.begin(), tail, order.end(), is_less);
}

bool is_folder_of(std::string_view folder, std::string_view path) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

}  // namespace

std::string why_no_member_path(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.size() > kMaxMemberPathBytes)
    return "is longer than " + std::to_string(kMaxMemberPathBytes) + " bytes";
  if (!is_utf8(path)) return "is not UTF-8";
  if (has_control(path)) return "has a control character";
  if (path.find('\\') != std::string_view::npos)
    return "has a backslash, which separates folders on other systems";
  for (std::string_view rest = path;;) {
    const std::size_t end = rest.find('/');
    if (std::string why = why_no_part(rest.substr(0, end)); !why.empty()) return why;
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
}

std::vector<PathTwins> find_path_twins(std::span<const std::string_view> paths) {
  std::deque<std::string> normalized;  // of those few that are not ASCII
  std::vector<std::string_view> names(paths.begin(), paths.end());
  for (std::string_view& name : names) {
    if (!is_ascii(name)) name = normalized.emplace_back(to_nfc(name));
  }
  std::vector<std::uint32_t> order(paths.size());
  std::iota(order.begin(), order.end(), 0U);
  sort_mostly_sorted(order, [&](std::uint32_t a, std::uint32_t b) {
    const std::strong_ordering names_order = compare(names[a], names[b]);
    return names_order == std::strong_ordering::equal ? a < b : names_order < 0;
  });

  std::vector<PathTwins> twins;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    const auto [first, second] = std::minmax(order[i], order[i + 1]);
    if (paths[first] == paths[second]) {
      twins.push_back({first, second, "stands twice"});
    } else if (names[first] == names[second]) {
      twins.push_back({first, second, "is the same name in another Unicode spelling"});
    } else if (is_folder_of(names[order[i]], names[order[i + 1]])) {
      twins.push_back({first, second, "cannot be there with it: one is the other's folder"});
    }
  }
  return twins;
}

}  // namespace cavra
