// A receipt as no store writes it all at once: for the tests of its text, and for fuzzing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cavra/hasher.hpp"
#include "cavra/receipt.hpp"

namespace cavra::testing {

// All that a receipt may have, strange texts among it.
inline Receipt full_receipt() {
  constexpr std::int64_t kUntil = 2'000'000'001;  // 2033-05-18T03:33:21Z
  Receipt receipt;
  receipt.act = {ActKind::set_hold,
                 1'800'000'001,
                 {std::string(64, '1'), std::string(64, '2')},
                 "case \"17\"\n"};
  receipt.store = "aws";
  receipt.location = "s3://evidence, eu-central-1";
  receipt.store_identity = "arn:aws:s3:::evidence";
  receipt.plugin_id = "org.example.store";
  receipt.plugin_version = "1.0.0";
  receipt.plugin_sha256 = std::string(64, 'f');
  receipt.manifest_sha256 = std::string(64, 'a');
  receipt.archive_prefix = "evidence/s-17/" + receipt.manifest_sha256 + "/";
  receipt.session_id = "s-17";
  receipt.created_at = "2026-05-21T12:00:00+00:00";
  receipt.evidence_key_id = "k-1";
  receipt.evidence_key_sha256 = std::string(64, 'e');
  receipt.evidence_algorithm = "Ed25519";
  receipt.reference = "CHG \"4711\" \\ Zoë\n\x01\x7f\xf0\x9f\x94\x92";
  receipt.lock = {LockMode::compliance, kUntil, false};
  receipt.retention.retain_until_unix_s = kUntil;
  receipt.retention.source = "signed policy";
  receipt.retention.signed_policy_unix_s = kUntil;
  receipt.objects = {
      {"große Datei.txt", sha256("a"), 1, "v\"1", receipt.lock, 1'800'000'000, Proof::read_back},
      {"attachments/b",
       sha256("b"),
       18446744073709551615U,
       "",
       {LockMode::compliance, 400'000'000'000, true},
       std::nullopt,
       Proof::store_digest},
      {"manifest.json", *Digest::from_hex(receipt.manifest_sha256), 300, "v1", receipt.lock, 0,
       Proof::read_back}};
  return receipt;
}

}  // namespace cavra::testing
