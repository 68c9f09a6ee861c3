#include "bundle/finding_list.hpp"

#include <algorithm>
#include <utility>

namespace cavra {

void FindingList::add(std::size_t rank, Finding finding) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() < kMaxTold) {
    entries_.push_back({rank, std::move(finding)});
  } else {
    ++untold_;
  }
}

void FindingList::add(std::size_t rank, Findings findings) {
  for (Finding& finding : findings)
    add(rank, std::move(finding));
}

bool FindingList::empty() const {
  const std::lock_guard lock(mutex_);
  return entries_.empty();
}

Findings FindingList::take() {
  const std::lock_guard lock(mutex_);
  std::ranges::stable_sort(entries_, {}, &Entry::rank);
  Findings findings;
  findings.reserve(entries_.size() + 1);
  for (Entry& entry : entries_)
    findings.push_back(std::move(entry.finding));
  if (untold_ > 0) {
    findings.push_back({"bundle.more", "",
                        "there are " + std::to_string(untold_) +
                            " more findings; mend these first, then verify again"});
  }
  entries_.clear();
  untold_ = 0;
  return findings;
}

}  // namespace cavra
