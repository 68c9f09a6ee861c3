// docs/verify-by-hand.md: what this program writes is checked with openssl and coreutils alone.
#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "archive/archive_test_data.hpp"
#include "byte_sources.hpp"
#include "cavra/bundle_writer.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

// Names and texts that need every kind of escape in JSON and in a shell.
std::filesystem::path write_strange_bundle(const TemporaryFolder& home) {
  BundleRequest request;
  request.output = home.file("bundle");
  request.session_id = "s-17";
  request.signer = "Zo\u00eb \"Z\" \\ \U0001f512, \t{\u2028}\x7f";
  request.created_at = time_of(kCreatedAt);
  std::filesystem::create_directory(home.file("attach"));
  for (const std::string_view name :
       {"note.txt", "große Datei.txt", "lock \U0001f512\U0001f511.txt", "say \"hi\", %s $HOME.txt",
        "-", " leading and trailing ", "\u00e9\u4e2d\uffe6"})
    request.attachments.emplace_back(home.write("attach/" + std::string(name), name));
  MemorySource decisions(
      R"({"session_id":"s-17","decision":"allow","severity":"low","target":"Zo\u00eb"})");
  must(write_bundle(decisions, DecisionFormat::json_lines, request, *TestBundle::signer()));
  return request.output;
}

}  // namespace

TEST_CASE("the lines of docs/verify-by-hand.md hold for a bundle and its receipt, and fail else") {
  if (std::system("openssl version > /dev/null 2>&1") != 0) {
    MESSAGE("left out: there is no openssl here");
    return;
  }
  ArchiveCase run;
  const auto folder = write_strange_bundle(run.home);
  run.bundle = must_verify(folder);
  run.options.reference = "CHG-4711 \"Zo\u00eb\" \U0001f512";
  const auto outcome = must(run.run());

  const std::string evidence_key =
      run.home.write("evidence.pem", test_key("bundle").public_key().pem());
  const std::string receipt_key =
      run.home.write("receipts.pem", test_key("receipts").public_key().pem());
  ::setenv("BUNDLE", folder.c_str(), 1);
  ::setenv("RECEIPT", outcome.receipt_file.c_str(), 1);
  ::setenv("EVIDENCE_KEY", evidence_key.c_str(), 1);
  ::setenv("RECEIPT_KEY", receipt_key.c_str(), 1);
  const int status =
      std::system("sh '" CAVRA_SOURCE_DIR "/tests/end-to-end/verify_by_hand_test.sh'");
  CHECK(WEXITSTATUS(status) == 0);
}
