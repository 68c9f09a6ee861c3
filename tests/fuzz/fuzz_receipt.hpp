// Receipts for the seeds: one with all that a receipt may have, and a small one.
#pragma once

#include <string>
#include <vector>

#include "cavra/hasher.hpp"
#include "cavra/receipt.hpp"

namespace cavra::fuzz {

inline Receipt full_receipt() {
  Receipt receipt;
  receipt.act = {ActKind::retain, 1'900'000'000, {std::string(64, '1')}, "asked \"again\""};
  receipt.store = "vault";
  receipt.location = "example:bucket";
  receipt.store_identity = "arn:aws:s3:::evidence";
  receipt.plugin_id = "org.example.store";
  receipt.plugin_version = "1.0.0";
  receipt.plugin_sha256 = std::string(64, 'f');
  receipt.manifest_sha256 = sha256("manifest").hex();
  receipt.archive_prefix = "evidence/s-17/" + receipt.manifest_sha256 + "/";
  receipt.session_id = "s-17";
  receipt.created_at = "2026-05-21T12:00:00+00:00";
  receipt.evidence_key_id = "k-1";
  receipt.evidence_key_sha256 = std::string(64, 'e');
  receipt.evidence_algorithm = "Ed25519";
  receipt.reference = "CHG \"4711\" \\ Zoë\n\x01";
  receipt.lock = {LockMode::compliance, 2'000'000'001, false};
  receipt.retention.retain_until_unix_s = 2'000'000'001;
  receipt.retention.source = "signed policy";
  receipt.retention.signed_policy_unix_s = 2'000'000'001;
  receipt.retention.minimum_unix_s = 1'900'000'000;
  receipt.objects = {
      {"große Datei.txt", sha256("a"), 1, "v\"1", receipt.lock, 1'800'000'000, Proof::read_back},
      {"log.txt",
       sha256("b"),
       20,
       "",
       {LockMode::compliance, 2'100'000'000, true},
       std::nullopt,
       Proof::store_digest},
      {"manifest.json", sha256("manifest"), 300, "v1", receipt.lock, 0, Proof::read_back}};
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
