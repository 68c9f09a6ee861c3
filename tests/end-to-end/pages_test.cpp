// The pages say what works: every line of their ```sh blocks is run, in order, where the page says
// that its reader stands; the demo prints what README shows.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "masks.hpp"
#include "other_tool.hpp"
#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("pages");

namespace {

const fs::path kSource = CAVRA_SOURCE_DIR;

std::string page_text(const fs::path& page) {
  std::ifstream stream(kSource / page, std::ios::binary);
  CAPTURE(page.native());
  REQUIRE(stream.is_open());
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The lines of all blocks of a language; a block in a list is indented, and so is its end. In ```sh
// are those that hold as typed where the reader stands; in ```bash those that need more.
std::string shell_lines(const fs::path& page, const std::string& language = "sh") {
  std::istringstream text(page_text(page));
  std::string lines;
  std::string indent;
  bool is_inside = false;
  for (std::string line; std::getline(text, line);) {
    const auto begin = line.find("```");
    if (!is_inside && begin != std::string::npos && line.substr(begin) == "```" + language) {
      is_inside = true;
      indent = line.substr(0, begin);
    } else if (is_inside && line == indent + "```") {
      is_inside = false;
    } else if (is_inside) {
      REQUIRE((line.empty() || line.starts_with(indent)));
      lines += line.substr(std::min(indent.size(), line.size())) + "\n";
    }
  }
  REQUIRE_FALSE(is_inside);
  return lines;
}

void sample_decisions(const Workspace& work) {
  const Workspace sample;
  sample.init();
  work.write("decisions.jsonl", sample.read(".cavra/decisions.jsonl"));
}

// What is there when a reader begins with the page.
void prepare(const std::string& page, const Workspace& work) {
  if (page == "docs/operator.md") {
    sample_decisions(work);
  } else if (page == "docs/auditor.md") {
    work.init();
    work.replace_in(".cavra/config.json", "\"worm\"", "\"../worm\"");
    work.bundle();
    fs::copy(work.archive(), work / "RECEIPT.json");
    for (const std::string roots : {"receipt-trust-roots.json", "evidence-trust-roots.json"})
      fs::copy(work / ".cavra/keys" / roots, work / roots);
    fs::remove_all(work / ".cavra");  // the operator's, and no auditor's
  } else if (page == "docs/records-manager.md") {
    work.init();
    work.bundle();
    (void)work.archive();
  } else if (page == "docs/spec/bundle-v1.md") {  // in a bundle's folder
    work.init();
    work.bundle();
    fs::copy(work / kBundle, work.folder());
    fs::copy(work / ".cavra/keys/evidence-public.pem", work / "public.pem");
  }
}

const std::vector<std::string> kPages{"README.md", "docs/operator.md", "docs/auditor.md",
                                      "docs/records-manager.md", "docs/spec/bundle-v1.md"};

// Where README shows the demo: from the line after the fence to the closing one.
std::pair<std::size_t, std::size_t> transcript_place(const std::string& readme) {
  const std::string mark = "<!-- demo transcript -->\n```";
  const auto begin = readme.find(mark);
  REQUIRE(begin != std::string::npos);
  const auto first = readme.find('\n', begin + mark.size()) + 1;
  const auto end = readme.find("```", first);
  REQUIRE(end != std::string::npos);
  return {first, end};
}

// The place differs from machine to machine, and its name's length is in the receipt's size.
std::string masked_transcript(const std::string& text) {
  const std::string masked_place =
      std::regex_replace(masked(text), std::regex("# The store: [^\n]*"), "# The store: <place>");
  return std::regex_replace(masked_place, std::regex("(archive holds: 7 objects, )[0-9.]+ KiB"),
                            "$1<size>");
}

std::vector<std::string> demo_remains() {
  std::vector<std::string> names;
  const fs::path build = fs::path(CAVRA_PROGRAM).parent_path().parent_path().parent_path();
  for (const auto& entry : fs::directory_iterator(build))
    if (entry.path().filename().native().starts_with("demo-")) names.push_back(entry.path());
  return names;
}

const Words kDemo{"bash", kSource / "tests/demo/demo.sh", CAVRA_PROGRAM};

}  // namespace

TEST_CASE("the lines of the pages run, in their order") {
  for (const std::string& page : kPages) {
    CAPTURE(page);
    const Workspace work;
    CAVRA_NEED_LOCKS(work);
    prepare(page, work);
    const std::string lines = shell_lines(page);
    REQUIRE_FALSE(lines.empty());
    const Outcome outcome = work.shell("set -x\n" + lines);
    CAPTURE(outcome.out);
    CAPTURE(outcome.err);
    CHECK(outcome.exit == 0);
  }
}

TEST_CASE("no page has shell lines that nobody runs") {
  std::vector<std::string> pages{"README.md"};
  for (const auto& entry : fs::recursive_directory_iterator(kSource / "docs"))
    if (entry.path().extension() == ".md")
      pages.push_back(entry.path().lexically_relative(kSource));
  for (const std::string& page : pages) {
    const bool is_run =
        page == "docs/verify-by-hand.md" || std::ranges::find(kPages, page) != kPages.end();
    CAPTURE(page);
    CHECK((is_run || shell_lines(page).empty()));
  }
}

TEST_CASE(
    "the operator's lines for the end of retention remove an archive that is due, and no other") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  // Signed without a policy and long ago, so that a date can be due in a moment.
  trust_key_since_2000(work);
  for (const std::string bundle : {"due", "kept"})
    make_other_bundle(work, bundle, "2020-01-01T00:00:00+00:00");
  const auto archived = [&](const std::string& bundle, const std::string& until) {
    return fs::path(text_at(
        work.result({"archive", bundle, "--store", "local", "--yes", "--retain-until", until}),
        "/stores/0/receipt_file"));
  };
  const fs::path kept = archived("kept", "2100-01-01T00:00:00Z");
  const auto in_seconds = [&](int seconds) {
    return work.shell("date -u -d '+" + std::to_string(seconds) + " seconds' +%Y-%m-%dT%H:%M:%SZ")
        .out.substr(0, 20);
  };
  (void)archived("due", in_seconds(6));
  const fs::path due = archived("due", in_seconds(7));  // raised: there are records
  const std::string lines = shell_lines("docs/operator.md", "bash");
  const auto lines_for = [&](const fs::path& receipt) {
    std::string with = lines;
    const std::string name = "RECEIPT-SHA256.json";
    return with.replace(with.find(name), name.size(), receipt.filename().native());
  };
  // Nothing happens before its time.
  const std::size_t before = work.tree(".cavra/worm").size();
  CHECK(work.shell(lines_for(kept)).exit != 0);
  CHECK(work.tree(".cavra/worm").size() == before);
  REQUIRE(work.shell("for i in $(seq 100); do cavra status " + due.native() +
                     " | grep -q '^due: ' && exit 0; sleep 0.2; done; exit 1")
              .exit == 0);
  const Outcome removed = work.shell(lines_for(due));
  CAPTURE(removed.out);
  CAPTURE(removed.err);
  CHECK(removed.exit == 0);
  CHECK(contains(removed.out, "due: "));
  CHECK(contains(removed.out, "archive holds: "));  // the other one, asked afterwards
  const Outcome manifests = work.shell("sha256sum < due/manifest.json | cut -c 1-64");
  CHECK_FALSE(contains(work.shell("find .cavra/worm").out, manifests.out.substr(0, 64)));
  CHECK(work.receipts() == std::vector<fs::path>{kept});
  CHECK(fs::exists(work / ".cavra/disposed" / due.filename()));
  CHECK(work.cavra({"status", work / ".cavra/disposed" / due.filename()}).exit == 1);
  (void)work.done({"status", kept});
  CHECK(contains(work.shell("lsattr -d .cavra/worm/s-1 | cut -c 1-20").out, "a"));
  (void)archived("due", "2100-01-01T00:00:00Z");  // and the store is as usable as before
}

TEST_CASE("the demo prints what README shows, and leaves nothing behind") {
  const auto before = demo_remains();
  const Outcome demo = run(kDemo);
  CAPTURE(demo.err);
  if (demo.exit == 4) return leave_out("ext4", "the demo finds no place for a store");
  CAPTURE(demo.out);
  CHECK(demo.exit == 0);
  CHECK(demo_remains() == before);
  std::string readme = page_text("README.md");
  const auto [first, end] = transcript_place(readme);
  const std::string shown = readme.substr(first, end - first);
  if (std::getenv("CAVRA_UPDATE_SNAPSHOTS") != nullptr) {
    std::ofstream(kSource / "README.md") << readme.replace(first, end - first, demo.out.substr(1));
    return;
  }
  CHECK(masked_transcript(shown) == masked_transcript(demo.out.substr(1)));
}

TEST_CASE("the demo that is interrupted leaves nothing behind") {
  const auto before = demo_remains();
  Process demo(kDemo, {});
  const bool is_there =
      demo.wait_for([&] { return contains(demo.so_far().out, "archived in local"); });
  if (!is_there && demo.finish().exit == 4)
    return leave_out("ext4", "the demo finds no place for a store");
  REQUIRE(is_there);
  demo.send(SIGINT);
  CHECK(demo.finish().exit == 128 + SIGINT);
  CHECK(demo_remains() == before);
}

TEST_CASE("the demo without a lock says so") {
  const Outcome demo =
      run({"bash", kSource / "tests/demo/demo.sh", CAVRA_PROGRAM, "--allow-advisory"},
          {.drops_immutable = true});
  CAPTURE(demo.out);
  CAPTURE(demo.err);
  if (demo.exit == 126) return leave_out("ext4", "this user has no capability to drop");
  CHECK(demo.exit == 0);
  CHECK(contains(demo.out, "NOT LOCKED HERE"));
  CHECK(contains(demo.out, "stored, NOT LOCKED"));
}

TEST_CASE("the demo that finds no place stops and says why") {
  const Outcome demo = run(kDemo, {.drops_immutable = true});
  if (demo.exit == 126) return leave_out("ext4", "this user has no capability to drop");
  CHECK(demo.exit == 4);
  CHECK(contains(demo.err, "CAP_LINUX_IMMUTABLE"));
  CHECK(contains(demo.err, "--allow-advisory"));
}

TEST_SUITE_END();
