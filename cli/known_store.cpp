#include "known_store.hpp"

#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra::cli {

namespace {

constexpr std::size_t kMaxBytes = 8192;

std::filesystem::path file_of(const Config& config, const std::string& name) {
  return config.state / "stores" / (name + ".identity");
}

// Empty: nothing was archived there yet.
Result<std::string> known_identity(const std::filesystem::path& file) {
  std::error_code problem;
  const auto status = std::filesystem::symlink_status(file, problem);
  if (status.type() == std::filesystem::file_type::not_found) return std::string();
  // What cannot be read is not nothing: it may be the store that is not there now.
  if (problem) return os_error("look at " + quoted(file.native()), problem.value());
  CAVRA_TRY(std::string text, read_small_file(file.native(), kMaxBytes));
  if (text.ends_with('\n')) text.pop_back();
  if (text.empty())
    return Error{ErrorCode::usage,
                 quoted(file.native()) + " names no store; where there was none before, remove it"};
  return text;
}

}  // namespace

Result<KnownStore> KnownStore::read(const Config& config, const std::string& name) {
  KnownStore known;
  known.file_ = file_of(config, name);
  CAVRA_TRY(known.identity_, known_identity(known.file_));
  return known;
}

Result<void> KnownStore::check(const StoreDescription& store) const {
  if (identity_.empty() || identity_ == store.identity) return {};
  const std::string now = store.identity.empty()
                              ? "there is no store; is its disk mounted?"
                              : "there is the store " + printable(store.identity) + ".";
  return Error{ErrorCode::unavailable,
               "it was the store " + printable(identity_) +
                   " when something was last archived there, and at " + printable(store.location) +
                   " " + now + " Where the change is meant, remove " + quoted(file_.native())};
}

Result<void> remember_store(const Config& config, const std::string& name,
                            const std::string& identity) {
  if (identity.empty()) return {};
  const auto file = file_of(config, name);
  CAVRA_TRY(const std::string known, known_identity(file));
  if (known == identity) return {};
  return write_file(file, as_bytes(identity + "\n"), 0644, Overwrite::yes);
}

}  // namespace cavra::cli
