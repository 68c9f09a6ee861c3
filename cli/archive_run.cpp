#include "archive_run.hpp"

#include <algorithm>

#include "anchor_options.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"
#include "known_store.hpp"
#include "output/progress.hpp"
#include "retention_options.hpp"
#include "signals.hpp"

namespace cavra::cli {

namespace {

constexpr std::size_t kMaxWorkers = 256;
constexpr std::size_t kMaxPlanBytes = std::size_t{1} << 30;

Result<std::vector<std::string>> store_names(const Arguments& arguments, const Config& config) {
  const auto names = arguments.texts("store");
  if (names.empty()) {
    std::string known;
    for (const auto& [name, store] : config.stores)
      known += (known.empty() ? "" : ", ") + name;
    return Error{ErrorCode::usage,
                 "name a store with --store; configured: " + (known.empty() ? "none" : known)};
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i))
      return Error{ErrorCode::usage, "--store " + quoted(names[i], 64) + " is given twice"};
  return names;
}

// 0: as each store likes.
Result<std::size_t> asked_workers(const Arguments& arguments) {
  if (!arguments.has("workers")) return std::size_t{0};
  CAVRA_TRY(const auto count, arguments.integer("workers", 1, kMaxWorkers));
  return static_cast<std::size_t>(count);
}

Result<void> verify_bundle(ArchiveRun& run, const Arguments& arguments, Session& session,
                           const Config& config, VerifyReport* report) {
  CAVRA_TRY(const TrustAnchor anchor, trust_anchor(arguments, session));
  if (anchor.kind() == TrustAnchor::Kind::hmac_key && !config.accept_hmac)
    return Error{ErrorCode::refused,
                 "an HMAC key shows only that somebody who shares it made the bundle; archiving "
                 "such bundles needs \"accept_hmac\": true in " +
                     quoted(config.file.native())};
  CAVRA_TRY(Bundle bundle, Bundle::open(arguments.positional(0)));
  VerifyPolicy policy = verify_policy(arguments);
  Progress progress("verifying", 0, session.wants_progress());
  policy.on_progress = [&progress](std::uint64_t bytes) { progress.show(bytes); };
  *report = verify(std::move(bundle), anchor, policy);
  if (report->is_cancelled) return Error{ErrorCode::cancelled, "interrupted; nothing was stored"};
  if (!report->bundle)
    return Error{ErrorCode::corrupt, "the bundle did not verify; nothing was stored"};
  run.bundle = std::move(report->bundle);
  for (const Member& member : run.bundle->members())
    run.bytes += member.file.size;
  run.bytes += run.bundle->manifest_file().file.size;
  return {};
}

// Twice: one puts, the other shows. A store that cannot be opened is told at its turn.
Result<void> open_twice(PlannedStore& store, std::size_t workers, const Config& config,
                        Session& session) {
  CAVRA_TRY(const KnownStore known, KnownStore::read(config, store.name));
  CAVRA_TRY(store.backend, open_store(session, config, store.name, worker_count(workers)));
  CAVRA_TRY(store.prover, open_store(session, config, store.name, worker_count(workers)));
  return known.check(store.backend->describe());
}

Result<void> plan_store(PlannedStore& store, const BundleSummary& summary,
                        const RetentionDate& date, const Config& config) {
  if (store.failure) return *store.failure;
  const StoreDescription& description = store.backend->describe();
  CAVRA_TRY(store.plan, make_store_plan(summary, store.name, description, date));
  if (config.minimum_mode) CAVRA_CHECK(check_minimum_mode(store.plan, *config.minimum_mode));
  return check_store_can_hold(store.plan, description, now_utc());
}

Result<void> check_plan_file(const Arguments& arguments, const ArchiveRun& run,
                             const BundleSummary& summary) {
  if (!arguments.has("plan")) return {};
  const std::string file = arguments.text("plan");
  CAVRA_TRY(const std::string text, read_small_file(file, kMaxPlanBytes));
  auto document = parse_json(text);
  if (!document) return Error{ErrorCode::usage, quoted(file) + ": " + document.error().message};
  for (const PlannedStore& store : run.stores) {
    if (store.failure) continue;
    const auto same = check_plan_document(*document, store.plan, summary);
    if (!same) return Error{same.error().code, quoted(file) + ": " + same.error().message};
  }
  return {};
}

}  // namespace

Result<ArchiveRun> prepare_archive(const Arguments& arguments, Session& session,
                                   VerifyReport* report) {
  CAVRA_TRY(const Config* config, session.config());
  CAVRA_TRY(const auto names, store_names(arguments, *config));
  for (const std::string& name : names)
    CAVRA_CHECK(load_store_plugin(session, *config, name));
  CAVRA_TRY(const RetentionRequest request,
            retention_request(arguments, config->minimum_retention));
  ArchiveRun run;
  CAVRA_TRY(run.workers, asked_workers(arguments));
  run.reference = arguments.text("reference");
  run.folders = receipt_folders(*config);
  CAVRA_TRY(run.receipt_key, load_receipt_key(*config));
  // Before the bundle is looked at: a plugin may give up a privilege that nothing else needs.
  for (const std::string& name : names) {
    PlannedStore& store = run.stores.emplace_back();
    store.name = name;
    if (const auto opened = open_twice(store, run.workers, *config, session); !opened)
      store.failure = opened.error();
  }
  CAVRA_CHECK(verify_bundle(run, arguments, session, *config, report));
  // Not kept for the run: of many members it is as large as the bundle.
  const BundleSummary summary = summarize(*run.bundle);
  CAVRA_TRY(const RetentionDate date,
            retention_date(summary.manifest.created_at, summary.retention, request));
  CAVRA_CHECK(check_not_past(date, now_utc()));
  for (PlannedStore& store : run.stores)
    if (const auto planned = plan_store(store, summary, date, *config); !planned)
      store.failure = planned.error();
  CAVRA_CHECK(check_plan_file(arguments, run, summary));
  CAVRA_CHECK(check_receipts_folder(*config));
  return run;
}

namespace {

ArchiveOptions archive_options(const ArchiveRun& run) {
  ArchiveOptions options;
  options.workers = run.workers;
  options.reference = run.reference;
  options.folders = run.folders;
  options.receipt_roots = run.receipt_key.roots.get();
  options.is_cancelled = is_interrupted;
  return options;
}

void note_store(ArchiveOutcome& outcome, const std::string& name, Session& session) {
  const auto noted = [&]() -> Result<void> {
    CAVRA_TRY(const Config* config, session.config());
    return remember_store(*config, name, outcome.receipt.store_identity);
  }();
  if (!noted)
    outcome.notes.push_back("the store's identity could not be noted: " + noted.error().message);
}

}  // namespace

void look_into_stores(ArchiveRun& run, Session& session) {
  for (PlannedStore& store : run.stores) {
    if (store.failure) continue;
    ArchiveOptions options = archive_options(run);
    Progress progress("looking into " + store.name, run.bytes, session.wants_progress());
    options.on_progress = [&progress](std::uint64_t bytes) { progress.show(bytes); };
    auto found =
        find_archive(*run.bundle, store.plan, *store.prover, *run.receipt_key.signer, options);
    if (!found) {
      store.failure = std::move(found).error();
    } else if (*found) {
      store.there = *std::move(*found);
      note_store(*store.there, store.name, session);
    } else if (auto ready = probe_store(
                   *store.backend, store.name,
                   {std::chrono::steady_clock::now() + options.call_timeout, options.is_cancelled});
               !ready) {
      store.failure = std::move(ready).error();
    }
  }
}

Result<ArchiveOutcome> archive_to_store(const ArchiveRun& run, PlannedStore& store,
                                        Session& session) {
  if (store.failure) return *store.failure;
  if (store.there) return *store.there;
  // The question may have waited for long.
  CAVRA_CHECK(check_not_past(store.plan.retention, now_utc()));
  ArchiveOptions options = archive_options(run);
  // Every byte is sent once and read back once.
  Progress progress("archiving to " + store.name, run.bytes * 2, session.wants_progress());
  options.on_progress = [&progress](std::uint64_t bytes) { progress.show(bytes); };
  CAVRA_TRY(ArchiveOutcome outcome, archive(*run.bundle, store.plan, *store.backend, *store.prover,
                                            *run.receipt_key.signer, options));
  note_store(outcome, store.name, session);
  return outcome;
}

}  // namespace cavra::cli
