#include <algorithm>

#include "cavra/json.hpp"

namespace cavra {
namespace {

constexpr std::size_t kMaxWords = 3;

// Letters added, dropped, changed, and neighbours swapped (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string> near_words(std::string_view word, std::span<const std::string> candidates,
                                    std::size_t max_edits) {
  struct Near {
    std::size_t edits;
    const std::string* text;
  };
  std::vector<Near> found;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    const std::size_t shorter = std::min(word.size(), candidate.size());
    if (longer - shorter > max_edits) continue;  // before any work: words come from outside
    const std::size_t edits = edit_distance(word, candidate);
    // Half of a short word changed is another word.
    if (edits <= max_edits && 2 * edits <= longer) found.push_back({edits, &candidate});
  }
  std::ranges::stable_sort(found, {}, &Near::edits);
  if (found.size() > kMaxWords) found.resize(kMaxWords);
  std::vector<std::string> words;
  words.reserve(found.size());
  for (const Near& near : found)
    words.push_back(*near.text);
  return words;
}

}  // namespace cavra
