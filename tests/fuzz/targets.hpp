// The fuzz targets. Each takes bytes that anybody may have written, and is a file of that name.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace cavra::fuzz {

void fuzz_aws_files(std::string_view bytes);
void fuzz_azure_answers(std::string_view bytes);
void fuzz_bundle_manifest(std::string_view bytes);
void fuzz_config(std::string_view bytes);
void fuzz_decisions(std::string_view bytes);
void fuzz_elf(std::string_view bytes);
void fuzz_evidence(std::string_view bytes);
void fuzz_json(std::string_view bytes);
void fuzz_json_schema(std::string_view bytes);
void fuzz_keys(std::string_view bytes);
void fuzz_local_worm(std::string_view bytes);
void fuzz_plan(std::string_view bytes);
void fuzz_plugin_answers(std::string_view bytes);
void fuzz_receipt_envelope(std::string_view bytes);
void fuzz_receipt_statement(std::string_view bytes);
void fuzz_retention_policy(std::string_view bytes);
void fuzz_s3_answers(std::string_view bytes);
void fuzz_storage_adapter(std::string_view bytes);
void fuzz_texts(std::string_view bytes);
void fuzz_times(std::string_view bytes);
void fuzz_trust_roots(std::string_view bytes);

// Inputs to begin with that no file has: what only the program itself can write.
std::vector<std::string> seed_bundle_manifest();
std::vector<std::string> seed_plan();
std::vector<std::string> seed_receipt_envelope();
std::vector<std::string> seed_receipt_statement();
std::vector<std::string> seed_retention_policy();

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
  std::vector<std::string> (*seed)() = nullptr;
};

inline constexpr std::array kTargets{
    Target{"aws_files", fuzz_aws_files},
    Target{"azure_answers", fuzz_azure_answers},
    Target{"bundle_manifest", fuzz_bundle_manifest, seed_bundle_manifest},
    Target{"config", fuzz_config},
    Target{"decisions", fuzz_decisions},
    Target{"elf", fuzz_elf},
    Target{"evidence", fuzz_evidence},
    Target{"json", fuzz_json},
    Target{"json_schema", fuzz_json_schema},
    Target{"keys", fuzz_keys},
    Target{"local_worm", fuzz_local_worm},
    Target{"plan", fuzz_plan, seed_plan},
    Target{"plugin_answers", fuzz_plugin_answers},
    Target{"receipt_envelope", fuzz_receipt_envelope, seed_receipt_envelope},
    Target{"receipt_statement", fuzz_receipt_statement, seed_receipt_statement},
    Target{"retention_policy", fuzz_retention_policy, seed_retention_policy},
    Target{"s3_answers", fuzz_s3_answers},
    Target{"storage_adapter", fuzz_storage_adapter},
    Target{"texts", fuzz_texts},
    Target{"times", fuzz_times},
    Target{"trust_roots", fuzz_trust_roots},
};

}  // namespace cavra::fuzz
