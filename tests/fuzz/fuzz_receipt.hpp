// Receipts for the seeds: one with all that a receipt may have, and a small one.
#pragma once

#include "archive/full_receipt.hpp"

namespace cavra::fuzz {

inline Receipt full_receipt() {
  Receipt receipt = testing::full_receipt();
  receipt.retention.minimum_unix_s = 1'900'000'000;
  return receipt;
}

inline Receipt small_receipt() {
  Receipt receipt = full_receipt();
  receipt.act = {};
  receipt.reference.clear();
  receipt.retention.minimum_unix_s.reset();
  receipt.objects.erase(receipt.objects.begin(), receipt.objects.begin() + 2);
  return receipt;
}

}  // namespace cavra::fuzz
