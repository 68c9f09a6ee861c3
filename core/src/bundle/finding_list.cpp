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

void FindingList::take_over(FindingList& from,
                            const std::function<bool(std::size_t rank)>& is_wanted) {
  const std::lock_guard lock(from.mutex_);
  for (Entry& entry : from.entries_) {
    if (is_wanted(entry.rank)) add(entry.rank, std::move(entry.finding));
  }
  {
    const std::lock_guard mine(mutex_);
    untold_ += from.untold_;
  }
  from.entries_.clear();
  from.untold_ = 0;
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
