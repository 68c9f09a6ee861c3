// BundleWriter writes a v1 evidence bundle from streamed decisions.
//
// The bundle is written beside its place and renamed in once it is whole, synced and signed; a
// failure leaves nothing. Decisions are streamed: memory does not grow with them. Not
// synchronised. Format: docs/spec/bundle-v1.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cavra/json.hpp"
#include "cavra/signer.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"

namespace cavra {

// Where decisions come from.
enum class DecisionFormat {
  automatic,   // told from the first bytes
  json_lines,  // one decision a line
  array,       // one JSON array
  evidence,    // an earlier evidence.json: its session id is taken over
};

struct BundleRequest {
  std::filesystem::path output = {};  // must not exist, or be an empty folder or an earlier bundle
  std::string session_id = {};        // empty: from the evidence, or the one all decisions have
  std::string policy_pack = "cavra-ai-agent-baseline";
  std::string signer = "local";
  std::int64_t retention_days = 2555;
  std::string classification = "regulated-sdlc";
  bool legal_hold = false;
  // Files or folders, added under their own name.
  std::vector<std::filesystem::path> attachments = {};
  // Files that must not get into the bundle: those of the keys that sign.
  std::vector<std::filesystem::path> secrets = {};
  OffsetTimestamp created_at = {};  // one clock reading for the whole bundle
  // Whether a bundle without a signature may take the place of one that has one.
  bool may_replace_signed = false;
  // Bytes of decisions and attachments read so far. From this thread.
  std::function<void(std::uint64_t)> on_progress = {};
  std::function<bool()> is_cancelled = {};  // asked at least every MiB; empty: never
};

struct WrittenBundle {
  std::filesystem::path folder;
  std::string session_id;
  std::uint64_t decision_count = 0;
  std::size_t member_count = 0;
  std::string manifest_sha256;
  Signature signature;
};

// Writes the bundle. An earlier bundle at `output` is replaced in one step; anything else there is
// refused. What runs that were killed left beside `output` is removed. Errors: usage (decisions do
// not parse, with line or offset; no session id; a doubled or unfit member name; days below 1; a
// date past year 9999; a private key among the attachments), refused (output is no bundle, or a
// signed one and this is not), io, cancelled.
[[nodiscard]] Result<WrittenBundle> write_bundle(ByteSource& decisions, DecisionFormat format,
                                                 const BundleRequest& request,
                                                 const Signer& signer);

// A ByteSource over an open file descriptor (lent). A read that waits, for a pipe's writer say,
// ends soon after `is_cancelled` is true; the descriptor may be non-blocking. Errors: io,
// cancelled.
[[nodiscard]] std::unique_ptr<ByteSource> make_fd_source(int fd, std::string name,
                                                         std::function<bool()> is_cancelled = {});

}  // namespace cavra
