#include "sample_session.hpp"

#include <array>
#include <string_view>

#include "cavra/hasher.hpp"
#include "cavra/json.hpp"

namespace cavra::cli {

namespace {

constexpr std::string_view kSession = "release-2.4-zahlungsverkehr";
constexpr std::int64_t kSecondsBetween = 37;

struct Step {
  std::string_view action_type;
  std::string_view operation;
  std::string_view target;
  std::string_view decision;
  std::string_view severity;
  std::string_view rule;
  std::string_view reason;
};

constexpr std::array kSteps{
    Step{"read_file", "read", "README.md", "allow", "low", "files.read",
         "documentation may be read"},
    Step{"read_file", "read", "services/payments/ledger.py", "allow", "low", "files.read",
         "source in scope of the ticket"},
    Step{"read_file", "read", "services/payments/tests/test_ledger.py", "allow", "low",
         "files.read", "source in scope of the ticket"},
    Step{"read_file", "read", "docs/Überweisungen.md", "allow", "low", "files.read",
         "documentation may be read"},
    Step{"read_file", "read", ".env", "block", "critical", "secrets.env",
         "environment files hold secrets"},
    Step{"execute_command", "execute", "git switch -c fix/rounding-§12", "allow", "low",
         "git.branch", "branches are free"},
    Step{"execute_command", "execute", "python -m pytest services/payments -q", "allow", "low",
         "tests.run", "tests run in the sandbox"},
    Step{"write_file", "write", "services/payments/ledger.py", "allow_with_attestation", "medium",
         "payments.write", "changes to the ledger are attested in the pull request"},
    Step{"write_file", "write", "services/payments/rounding.py", "allow_with_attestation", "medium",
         "payments.write", "changes to the ledger are attested in the pull request"},
    Step{"write_file", "write", "services/payments/tests/test_rounding.py", "allow", "low",
         "tests.write", "tests may be written"},
    Step{"execute_command", "execute", "python -m pytest services/payments -q", "allow", "low",
         "tests.run", "tests run in the sandbox"},
    Step{"network_request", "fetch", "https://pypi.example/simple/babel/", "warn", "medium",
         "network.registry", "a package index outside the mirror list"},
    Step{"execute_command", "execute", "pip install babel==2.15", "require_approval", "high",
         "dependencies.new", "a new dependency needs an approver"},
    Step{"execute_command", "execute", "pip install babel==2.15", "allow", "low",
         "dependencies.new", "approved for this session"},
    Step{"write_file", "write", "requirements.txt", "allow_with_attestation", "medium",
         "dependencies.file", "dependency files are attested"},
    Step{"read_file", "read", "infra/terraform/prod.tfvars", "block", "critical", "infra.prod",
         "production variables are out of scope"},
    Step{"read_file", "read", "infra/terraform/modules/queue/main.tf", "audit_only", "low",
         "infra.read", "reading infrastructure code is recorded"},
    Step{"execute_command", "execute", "terraform plan -target=module.queue", "warn", "medium",
         "infra.plan", "plans touch the state backend"},
    Step{"execute_command", "execute", "terraform apply -auto-approve", "block", "critical",
         "infra.apply", "agents never apply infrastructure"},
    Step{"read_file", "read", "services/payments/locale/ja_JP/メッセージ.po", "allow", "low",
         "files.read", "source in scope of the ticket"},
    Step{"write_file", "write", "services/payments/locale/ja_JP/メッセージ.po", "allow", "low",
         "locale.write", "translations may be written"},
    Step{"write_file", "write", "services/payments/locale/fr_FR/messages.po", "allow", "low",
         "locale.write", "translations may be written"},
    Step{"execute_command", "execute", "python -m pytest services/payments -q", "allow", "low",
         "tests.run", "tests run in the sandbox"},
    Step{"execute_command", "execute", "ruff check services/payments", "allow", "low", "lint.run",
         "linters run in the sandbox"},
    Step{"execute_command", "execute", "mypy services/payments", "allow", "low", "lint.run",
         "linters run in the sandbox"},
    Step{"database_query", "select", "SELECT count(*) FROM bookings WHERE currency = 'JPY'",
         "audit_only", "medium", "db.read", "reads of the staging database are recorded"},
    Step{"database_query", "update", "UPDATE bookings SET amount = round(amount, 0)", "block",
         "critical", "db.write", "agents never write to a database"},
    Step{"read_file", "read", "/home/zoë/.ssh/id_ed25519", "block", "critical", "secrets.ssh",
         "private keys are never read"},
    Step{"execute_command", "execute", "git add services/payments requirements.txt", "allow", "low",
         "git.add", "staging is free"},
    Step{"execute_command", "execute", "git commit -m 'Round by currency (§ 12 ZAG)'", "allow",
         "low", "git.commit", "commits on branches are free"},
    Step{"execute_command", "execute", "git push origin fix/rounding-§12", "allow", "low",
         "git.push", "pushing a branch is free"},
    Step{"execute_command", "execute", "git push --force origin main", "block", "high", "git.force",
         "main is never rewritten"},
    Step{"tool_call", "create", "pull request: Round by currency", "allow_with_attestation",
         "medium", "pr.create", "pull requests carry an attestation"},
    Step{"tool_call", "comment", "pull request #4711", "allow", "low", "pr.comment",
         "comments are free"},
    Step{"tool_call", "request-review", "team: payments-reviewers", "allow", "low", "pr.review",
         "asking for review is free"},
    Step{"tool_call", "approve", "pull request #4711", "block", "high", "pr.approve",
         "an agent never approves its own work"},
    Step{"execute_command", "execute", "docker build -t payments:2.4-rc1 .", "warn", "medium",
         "build.image", "the base image is 60 days old"},
    Step{"execute_command", "execute", "trivy image payments:2.4-rc1", "allow", "low", "scan.run",
         "scanners run in the sandbox"},
    Step{"network_request", "fetch", "https://advisories.example/CVE-2026-0042", "audit_only",
         "low", "network.read", "advisories may be read"},
    Step{"tool_call", "deploy", "staging: payments 2.4-rc1", "require_approval", "high",
         "deploy.staging", "deployments need an approver"},
    Step{"tool_call", "deploy", "staging: payments 2.4-rc1", "allow_with_attestation", "medium",
         "deploy.staging", "approved for this session"},
    Step{"execute_command", "execute", "curl -fsS https://staging.example/healthz", "allow", "low",
         "checks.run", "health checks are free"},
    Step{"tool_call", "deploy", "production: payments 2.4", "block", "critical",
         "deploy.production", "agents never deploy to production"},
    Step{"write_file", "write", "CHANGELOG.md", "allow", "low", "files.write",
         "documentation may be written"},
    Step{"read_file", "read", "docs/smoke-test 🧪.md", "allow", "low", "files.read",
         "documentation may be read"},
};

// Twelve hex digits that are the same for the same text.
std::string short_id(std::string_view prefix, std::string_view what, std::size_t number) {
  return std::string(prefix) +
         sha256(std::string(kSession) + std::string(what) + std::to_string(number))
             .hex()
             .substr(0, 12);
}

JsonValue decision(const Step& step, std::size_t number, const Timestamp& at) {
  const std::string id = short_id("dec_", "decision", number);
  const bool is_asked = step.decision == "require_approval";
  JsonValue value = JsonValue::object(
      {{"decision_id", id},
       {"session_id", kSession},
       {"agent_id", "agent-release-engineer"},
       {"actor", "Zoë Müller"},
       {"action_type", step.action_type},
       {"target", step.target},
       {"requested_operation", step.operation},
       {"policy_pack", "cavra-ai-agent-baseline"},
       {"policy_id", "cavra-ai-agent-baseline"},
       {"rule_id", step.rule},
       {"decision", step.decision},
       {"severity", step.severity},
       {"reason", step.reason},
       {"evidence_refs",
        JsonValue(JsonValue::Array{JsonValue("evidence://" + std::string(kSession) + "/" + id)})},
       {"approver_group", is_asked ? JsonValue("platform-approvers") : JsonValue()},
       {"timestamp", format_python({at, 0})},
       {"correlation_id", short_id("corr_", "correlation", number)}});
  if (is_asked) {
    value.set("approval", JsonValue::object({{"approval_id", short_id("apr_", "approval", number)},
                                             {"state", "approved"},
                                             {"decided_by", "José Álvarez"},
                                             {"approver_group", "platform-approvers"},
                                             {"break_glass", false}}));
  }
  return value;
}

}  // namespace

std::string sample_decisions(const Timestamp& now) {
  std::string lines;
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    const auto seconds_ago = kSecondsBetween * static_cast<std::int64_t>(kSteps.size() - i);
    lines += compact_json(decision(kSteps[i], i, {now.unix_s - seconds_ago, now.nanos})) + "\n";
  }
  return lines;
}

}  // namespace cavra::cli
