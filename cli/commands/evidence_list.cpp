#include "cavra/evidence_list.hpp"

#include "../known_store.hpp"
#include "../output/exit_code.hpp"
#include "../receipt_key.hpp"
#include "../report_json.hpp"
#include "../session.hpp"
#include "../signals.hpp"
#include "../stored_receipt.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

constexpr std::size_t kShownDigits = 12;

// Text that lines up below the others.
std::string column(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

const char* state_of(const ListedArchive& archive) {
  if (!archive.is_complete()) return "incomplete";
  return archive.is_due ? "due" : "archived";
}

// The session's own name, where a receipt says it.
std::string session_of(const ListedArchive& archive) {
  return archive.is_complete() ? archive.newest.front().facts.session_id : archive.session_in_key;
}

JsonValue archive_json(const ListedArchive& archive) {
  JsonValue receipts = JsonValue::array();
  for (const ListedReceipt& receipt : archive.newest)
    receipts.push_back(JsonValue::object({{"sha256", receipt.sha256},
                                          {"key", receipt.facts.receipt_key(receipt.sha256)},
                                          {"act", to_string(receipt.facts.act.kind)},
                                          {"reference", receipt.facts.reference}}));
  return JsonValue::object(
      {{"session_id", session_of(archive)},
       {"manifest_sha256", archive.manifest_sha256},
       {"archive_prefix", archive.archive_prefix},
       {"complete", archive.is_complete()},
       {"due", archive.is_due},
       {"objects", std::uint64_t{archive.objects}},
       {"bytes", archive.bytes},
       {"promised_lock", archive.is_complete() ? archive.lock.to_json() : JsonValue()},
       {"receipts", std::move(receipts)},
       {"findings", findings_json(archive.findings)},
       {"notes", strings_json(archive.notes)}});
}

// One store, and what is told of it.
class ListRun {
 public:
  ListRun(const Arguments& arguments, Session& session)
      : arguments_(arguments), session_(session), output_(session.output()) {}

  int run() {
    const auto listed = list();
    if (!listed) return output_.fail(listed.error());
    say_elsewhere(*listed);
    say_sum();
    output_.set_result(JsonValue::object({{"store", arguments_.text("store")},
                                          {"location", location_},
                                          {"archives", std::move(archives_)},
                                          {"elsewhere", findings_json(listed->findings)},
                                          {"notes", strings_json(listed->notes)}}));
    return finding_count_ == 0 ? kExitDone : kExitFindings;
  }

 private:
  Result<EvidenceElsewhere> list() {
    const std::string name = arguments_.text("store");
    if (name.empty()) return Error{ErrorCode::usage, "name a store with --store"};
    CAVRA_TRY(const Config* config, session_.config());
    CAVRA_CHECK(load_store_plugin(session_, *config, name));
    CAVRA_TRY(const FileTrustRoots roots, receipt_roots(arguments_, *config));
    EvidenceListOptions options;
    options.receipt_roots = &roots;
    CAVRA_TRY(options.now, asked_time(arguments_));
    options.is_cancelled = is_interrupted;
    if (arguments_.flag("save-receipts")) {
      CAVRA_CHECK(check_receipts_folder(*config));
      options.save_to = receipt_folders(*config);
    }
    CAVRA_TRY(const KnownStore known, KnownStore::read(*config, name));
    CAVRA_TRY(const auto store, open_store(session_, *config, name, 1));
    // An empty folder where a disk should be mounted has no archives either.
    CAVRA_CHECK(known.check(store->describe()));
    location_ = store->describe().location;
    auto listed = list_evidence(*store, options, [this](const ListedArchive& archive) {
      say(archive);
      return Result<void>();
    });
    if (!listed && is_interrupted())
      return Error{ErrorCode::cancelled, "interrupted; not all was listed"};
    if (listed && archive_count_ == 0 && store->describe().identity.empty())
      return Error{ErrorCode::unavailable,
                   "store " + name + ": there is none yet at " + printable(location_) +
                       ", as the first archive makes it; or is its disk not "
                       "mounted?"};
    if (options.save_to) output_.note(saved_words(options.save_to->receipts));
    return listed;
  }

  [[nodiscard]] std::string saved_words(const std::filesystem::path& folder) const {
    return counted(receipt_count_, "receipt is", "receipts are") + " in " + shown_path(folder);
  }

  void say(const ListedArchive& archive) {
    std::string line = column(state_of(archive), 12) + printable(session_of(archive)) + " " +
                       archive.manifest_sha256.substr(0, kShownDigits) + "  " +
                       counted(archive.objects, "object", "objects") + ", " +
                       human_bytes(archive.bytes);
    if (archive.is_complete()) line += ", " + describe(archive.lock);
    for (const ListedReceipt& receipt : archive.newest)
      line += ", receipt " + receipt.sha256.substr(0, kShownDigits);
    output_.say(line);
    say_findings(archive.findings);
    for (const std::string& note : archive.notes)
      output_.note("note: " + note);
    archives_.push_back(archive_json(archive));
    ++archive_count_;
    receipt_count_ += archive.newest.size();
    incomplete_ += archive.is_complete() ? 0 : 1;
    due_ += archive.is_due ? 1 : 0;
  }

  void say_elsewhere(const EvidenceElsewhere& elsewhere) {
    if (!elsewhere.findings.empty()) output_.say("in no archive:");
    say_findings(elsewhere.findings);
    for (const std::string& note : elsewhere.notes)
      output_.note("note: " + note);
  }

  void say_findings(const Findings& findings) {
    for (const Finding& finding : findings)
      output_.say("  - " + finding_line(finding));
    finding_count_ += findings.size();
  }

  void say_sum() {
    output_.say("store " + arguments_.text("store") + " at " + printable(location_) + ": " +
                counted(archive_count_, "archive", "archives") + ", " +
                std::to_string(incomplete_) + " incomplete, " + std::to_string(due_) + " due; " +
                counted(finding_count_, "finding", "findings"));
  }

  const Arguments& arguments_;
  Session& session_;
  Output& output_;
  std::string location_;
  JsonValue archives_ = JsonValue::array();
  std::size_t archive_count_ = 0;
  std::size_t receipt_count_ = 0;
  std::size_t incomplete_ = 0;
  std::size_t due_ = 0;
  std::size_t finding_count_ = 0;
};

int run(const Arguments& arguments, Session& session) {
  return ListRun(arguments, session).run();
}

}  // namespace

Command evidence_list_command() {
  Command command;
  command.name = "evidence list";
  command.summary = "Tell what is archived in a store, from the store alone";
  command.details =
      "Nothing local is needed but the trust roots for receipts. Tells each archive by its newest\n"
      "receipt, archives that are not complete, what lies there and no receipt speaks of, and "
      "what\n"
      "is due: its retention has ended. Locks and bytes are asked for by `status`. Exit status 1 "
      "on\n"
      "any finding.";
  command.options = {
      {"store", Option::Kind::value, "NAME", "The configured store to list", ""},
      {"receipt-trust-root", Option::Kind::value, "FILE",
       "Trust receipts signed by these keys (without: the configuration's)", ""},
      {"save-receipts", Option::Kind::flag, "",
       "Keep the newest receipts in the receipts folder too", ""},
      at_option(),
  };
  command.examples =
      "  cavra evidence list --store local\n  cavra evidence list --store local --save-receipts\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
