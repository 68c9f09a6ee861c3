#include "workspace.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

namespace cavra::e2e {

namespace {

constexpr long kTmpfsMagic = 0x01021994;  // statfs(2)

fs::path usual_place() {
  const char* const mounted = std::getenv("CAVRA_TEST_EXT4");
  return mounted != nullptr ? fs::path(mounted) : fs::path(CAVRA_BINARY_DIR);
}

// Sets or clears the immutable flag; false where the kernel or the file system does not.
bool set_immutable(const fs::path& file, bool is_set) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  int flags = is_set ? FS_IMMUTABLE_FL : 0;
  const bool done = fd >= 0 && ::ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
  if (fd >= 0) ::close(fd);
  return done;
}

}  // namespace

Workspace::Workspace() : Workspace(usual_place()) {}

Workspace::Workspace(const fs::path& below) {
  std::string name = (below / "end-to-end-XXXXXX").native();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp in " + below.native());
  folder_ = name;
  fs::permissions(folder_, fs::perms(0755));
  set_guardian();
}

// The guardian waits for the end of a pipe that only this process holds: however it ends.
void Workspace::set_guardian() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  guardian_ = ::fork();
  if (guardian_ == 0) {
    ::setsid();
    ::dup2(ends[0], STDIN_FILENO);
    ::execlp("sh", "sh", "-c",
             "read -r wait; cd /; chattr -R -f -ia \"$1\" 2>/dev/null; rm -rf \"$1\"", "guardian",
             folder_.c_str(), nullptr);
    ::_exit(126);
  }
  ::close(ends[0]);
  guardian_fd_ = ends[1];
}

Workspace::~Workspace() {
  ::close(guardian_fd_);
  while (::waitpid(guardian_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool Workspace::can_lock() const {
  const fs::path probe = folder_ / "lock-probe";
  std::ofstream(probe) << "x";
  const bool is_set = set_immutable(probe, true);
  const bool is_locked = is_set && ::unlink(probe.c_str()) != 0 && errno == EPERM;
  if (is_set) set_immutable(probe, false);
  ::unlink(probe.c_str());
  return is_locked;
}

Outcome Workspace::cavra(Words words, RunOptions options) const {
  words.insert(words.begin(), CAVRA_PROGRAM);
  if (options.folder.empty()) options.folder = folder_;
  const Outcome outcome = run(words, options);
  const bool is_json = std::ranges::find(words, "--json") != words.end();
  if (is_json && options.output_to.empty() && outcome.exit < 128) check_output_document(outcome);
  return outcome;
}

Process Workspace::start(Words words, RunOptions options) const {
  words.insert(words.begin(), CAVRA_PROGRAM);
  if (options.folder.empty()) options.folder = folder_;
  return Process(words, options);
}

Outcome Workspace::done(Words words, const RunOptions& options) const {
  std::string line;
  for (const std::string& word : words)
    line += word + " ";
  CAPTURE(line);
  Outcome outcome = cavra(std::move(words), options);
  CAPTURE(outcome.out);
  CAPTURE(outcome.err);
  REQUIRE(outcome.exit == 0);
  return outcome;
}

JsonValue Workspace::result(Words words, const RunOptions& options) const {
  words.emplace_back("--json");
  return at(parsed(done(std::move(words), options).out), "/result");
}

void Workspace::refuses(const Words& words, int exit, const std::vector<std::string>& texts,
                        const RunOptions& options) const {
  std::string line;
  for (const std::string& word : words)
    line += word + " ";
  CAPTURE(line);
  const Outcome plain = cavra(words, options);
  CAPTURE(plain.out);
  CAPTURE(plain.err);
  CHECK(plain.exit == exit);
  Words with_json = words;
  with_json.emplace_back("--json");
  const Outcome json = cavra(with_json, options);
  CAPTURE(json.out);
  CHECK(json.exit == exit);
  CHECK(json.err.empty());
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK(contains(plain.out + plain.err, text));
    const std::string escaped = canonical_json(JsonValue(text));
    CHECK(contains(json.out, escaped.substr(1, escaped.size() - 2)));
  }
}

Outcome Workspace::shell(const std::string& lines, RunOptions options) const {
  const char* const path = std::getenv("PATH");
  options.environment["PATH"] = fs::path(CAVRA_PROGRAM).parent_path().native() + ":" +
                                (path == nullptr ? "/usr/bin:/bin" : path) + ":/usr/sbin:/sbin";
  options.environment["LC_ALL"] = "C.UTF-8";
  if (options.folder.empty()) options.folder = folder_;
  return run({"bash", "-euo", "pipefail", "-c", lines}, options);
}

std::string Workspace::read(const fs::path& file) const {
  std::ifstream stream(folder_ / file, std::ios::binary);
  CAPTURE(file.native());
  REQUIRE(stream.is_open());
  return {std::istreambuf_iterator<char>(stream), {}};
}

void Workspace::write(const fs::path& file, std::string_view bytes) const {
  fs::create_directories((folder_ / file).parent_path());
  std::ofstream stream(folder_ / file, std::ios::binary | std::ios::trunc);
  stream << bytes;
  stream.close();
  REQUIRE(stream.good());
}

void Workspace::replace_in(const fs::path& file, std::string_view from, std::string_view to) const {
  std::string text = read(file);
  const auto place = text.find(from);
  CAPTURE(from);
  REQUIRE(place != std::string::npos);
  write(file, text.replace(place, from.size(), to));
}

std::vector<std::string> Workspace::tree(const fs::path& below) const {
  std::vector<std::string> names;
  if (!fs::exists(folder_ / below)) return names;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / below))
    names.push_back(entry.path().lexically_relative(folder_ / below).native() +
                    (entry.is_directory() ? "/" : ""));
  std::ranges::sort(names);
  return names;
}

std::vector<fs::path> Workspace::receipts() const {
  std::vector<fs::path> files;
  for (const std::string& name : tree(".cavra/receipts"))
    files.push_back(folder_ / ".cavra/receipts" / name);
  return files;
}

void Workspace::init() const {
  (void)done({"init", "--key-id", "prod-evidence", "--sample"});
}

void Workspace::init_advisory() const {
  init();
  replace_in(".cavra/config.json", "\"filesystem\"", "\"advisory\"");
}

void Workspace::bundle(Words more) const {
  Words words{"evidence", "bundle", "--private-key", ".cavra/keys/evidence-private.pem"};
  words.insert(words.end(), more.begin(), more.end());
  (void)done(std::move(words));
}

fs::path Workspace::archive(Words more) const {
  Words words{"archive", kBundle, "--store", "local", "--yes"};
  words.insert(words.end(), more.begin(), more.end());
  return text_at(result(std::move(words)), "/stores/0/receipt_file");
}

void leave_out(std::string_view kind, std::string_view why) {
  std::cout << "left out: " << current_test() << ": " << kind << ": " << why << '\n';
  const char* const list = std::getenv("CAVRA_TEST_MUST_RUN");
  const bool must_run =
      list != nullptr && contains("," + std::string(list) + ",", "," + std::string(kind) + ",");
  if (must_run) FAIL_CHECK("left out, but CAVRA_TEST_MUST_RUN has " << kind << ": " << why);
}

std::optional<fs::path> tmpfs_folder() {
  const char* const mounted = std::getenv("CAVRA_TEST_TMPFS");
  const fs::path folder = mounted != nullptr ? mounted : "/dev/shm";
  struct statfs seen{};
  if (::statfs(folder.c_str(), &seen) == 0 && seen.f_type == kTmpfsMagic &&
      ::access(folder.c_str(), W_OK) == 0)
    return folder;
  leave_out("ext4", "there is no tmpfs to refuse");
  return std::nullopt;
}

}  // namespace cavra::e2e
