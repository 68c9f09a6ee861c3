// Bundles that were made to hurt: to hang, to lead out of their folder, to eat memory or
// descriptors, or to change while they are read.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>

#include "bundle/bundle_file.hpp"
#include "bundle/bundle_test_data.hpp"

namespace cavra {
namespace {

using namespace cavra::testing;

class NoteReplaced {
 public:
  NoteReplaced() {
    bundle.sign();
    std::filesystem::remove(path);
  }
  TestBundle bundle;
  std::filesystem::path path = bundle.path("note.txt");
};

TEST_CASE("a pipe, a socket or a device in a member's place is refused, and hangs nothing") {
  {
    const NoteReplaced note;
    REQUIRE(::mkfifo(note.path.c_str(), 0644) == 0);
    check_only(note.bundle.verify(), "member.kind", "note.txt");
  }
  {
    const NoteReplaced note;
    const FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    note.path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    check_only(note.bundle.verify(), "member.kind", "note.txt");
  }
  {
    const NoteReplaced note;
    if (::mknod(note.path.c_str(), S_IFCHR | 0644, makedev(1, 5)) != 0) {  // /dev/zero
      std::cout << "a device as a member: left out, making one needs root\n";
      return;
    }
    check_only(note.bundle.verify(), "member.kind", "note.txt");
  }
}

TEST_CASE("no link is followed, wherever it leads") {
  for (const char* target : {"evidence.json", "/etc/passwd", "none", "note.txt"}) {
    CAPTURE(target);
    const NoteReplaced note;
    std::filesystem::create_symlink(target, note.path);
    check_only(note.bundle.verify(), "member.link", "note.txt");
  }
  TestBundle bundle;
  bundle.add("folder/file", "x");
  bundle.sign();
  std::filesystem::rename(bundle.path("folder"), bundle.path("../cavra-elsewhere"));
  std::filesystem::create_symlink("../cavra-elsewhere", bundle.path("folder"));
  check_only(bundle.verify(), "member.link", "folder/file");
  std::filesystem::remove_all(bundle.path("../cavra-elsewhere"));
}

TEST_CASE("the manifest must be a file, and no link") {
  TestBundle bundle;
  bundle.sign();
  std::filesystem::rename(bundle.path("manifest.json"), bundle.path("real.json"));
  std::filesystem::create_symlink("real.json", bundle.path("manifest.json"));
  check_only(bundle.verify(), "manifest.link", "manifest.json");
  std::filesystem::remove(bundle.path("manifest.json"));
  REQUIRE(::mkfifo(bundle.path("manifest.json").c_str(), 0644) == 0);
  check_only(bundle.verify(), "manifest.kind", "manifest.json");
  std::filesystem::remove(bundle.path("manifest.json"));
  std::filesystem::create_directory(bundle.path("manifest.json"));
  check_only(bundle.verify(), "manifest.kind", "manifest.json");
}

TEST_CASE("a manifest above 512 MiB is refused before it is read") {
  TestBundle bundle;
  bundle.write("manifest.json", "");
  std::filesystem::resize_file(bundle.path("manifest.json"), std::uint64_t{2} << 30);
  std::uint64_t read = 0;
  VerifyPolicy policy;
  policy.on_progress = [&](std::uint64_t bytes) { read = bytes; };
  check_only(bundle.verify(policy), "manifest.size", "manifest.json");
  CHECK(read == 0);
  std::filesystem::resize_file(bundle.path("manifest.json"), kMaxManifestBytes);
  check_only(bundle.verify(policy), "manifest.syntax", "manifest.json");  // it begins with a NUL
  CHECK(read <= 1 << 20);
}

// Runs `act` once, when the first byte is hashed.
class ActingHasher final : public Hasher {
 public:
  explicit ActingHasher(std::function<void()> act) : act_(std::move(act)) {}
  std::string_view name() const override { return "SHA-256"; }
  void update(std::span<const std::byte> data) override {
    if (act_) std::exchange(act_, {})();
    inner_->update(data);
  }
  Digest finish() override { return inner_->finish(); }

 private:
  std::function<void()> act_;
  std::unique_ptr<Hasher> inner_ = make_sha256();
};

// The hasher of that number runs `act`: 0 reads the manifest, 1 is the only worker's.
VerifyPolicy acting(int number, std::function<void()> act) {
  VerifyPolicy policy;
  policy.workers = 1;
  policy.hasher = [number, act = std::move(act), made = 0]() mutable -> std::unique_ptr<Hasher> {
    if (made++ == number) return std::make_unique<ActingHasher>(act);
    return make_sha256();
  };
  return policy;
}

void append(const std::filesystem::path& file) {
  std::ofstream(file, std::ios::app | std::ios::binary) << "more";
}

TEST_CASE("a file that changes while it is read is told apart from a wrong one") {
  struct Row {
    const char* what;
    std::function<void(const std::filesystem::path&)> change;
  };
  const std::vector<Row> rows{
      {"grows", append},
      {"is cut", [](const std::filesystem::path& file) { std::filesystem::resize_file(file, 1); }},
      {"is touched",
       [](const std::filesystem::path& file) { std::filesystem::last_write_time(file, {}); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    TestBundle bundle;
    bundle.files_of() = JsonValue::array();
    bundle.add("note.txt", std::string(1'000'000, 'x'));
    bundle.add("evidence.json", compact_json(good_evidence()));
    bundle.sign();
    check_only(bundle.verify(acting(1, [&] { row.change(bundle.path("note.txt")); })),
               "member.changed", "note.txt");
  }
  TestBundle bundle;
  bundle.sign();
  check_only(bundle.verify(acting(0, [&] { append(bundle.path("manifest.json")); })),
             "manifest.changed", "manifest.json");
}

// As another user than root, who can read everything; and as root again when it goes.
class OrdinaryUser {
 public:
  OrdinaryUser() : was_root_(::geteuid() == 0) {
    if (was_root_) REQUIRE(::seteuid(65534) == 0);
  }
  ~OrdinaryUser() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  bool was_root_;
};

TEST_CASE("what cannot be read is told so, and never passed over") {
  TestBundle bundle;
  bundle.add("folder/file", "x");
  bundle.sign();
  const auto mode = [&](const char* name, unsigned bits) {
    std::filesystem::permissions(bundle.path(name), std::filesystem::perms(bits));
  };
  mode("", 0755);
  mode("note.txt", 0000);
  mode("folder", 0311);  // members can be opened, and nothing listed
  {
    const OrdinaryUser user;
    const VerifyReport report = bundle.verify();
    CHECK(joined(briefs(report.findings)) ==
          "member.unreadable note.txt; bundle.unreadable folder; ");
    CHECK_FALSE(report.bundle.has_value());
  }
  mode("folder", 0755);
  mode("note.txt", 0644);
  mode("manifest.json", 0000);
  {
    const OrdinaryUser user;
    check_only(bundle.verify(), "manifest.unreadable", "manifest.json");
  }
}

// What verify finds where a foreign file is mounted over that one; nothing where mounting is not
// allowed. In a process of its own, whose mounts nobody else sees.
std::optional<std::string> code_under_mount(const TestBundle& bundle, const char* name) {
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string answer = "-";
    if (::unshare(CLONE_NEWNS) == 0 &&
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        ::mount("/etc/hostname", bundle.path(name).c_str(), nullptr, MS_BIND, nullptr) == 0)
      answer = joined(briefs(bundle.verify({.workers = 1}).findings));
    const ssize_t written = ::write(pipe_ends[1], answer.data(), answer.size());
    ::_exit(written < 0 ? 1 : 0);
  }
  ::close(pipe_ends[1]);
  std::string answer(4096, '\0');
  const ssize_t got = ::read(pipe_ends[0], answer.data(), answer.size());
  ::close(pipe_ends[0]);
  ::waitpid(child, nullptr, 0);
  answer.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (answer == "-") return std::nullopt;
  return answer;
}

TEST_CASE("a file of another file system, mounted into the bundle, is refused") {
  TestBundle bundle;
  bundle.sign();
  const auto member = code_under_mount(bundle, "note.txt");
  if (!member) {
    std::cout << "a mount in a bundle: left out, mounting needs root\n";
    return;
  }
  CHECK(*member == "member.mount note.txt; ");
  CHECK(code_under_mount(bundle, "manifest.json") == "manifest.mount manifest.json; ");
}

TEST_CASE("what lies behind a mount is not opened") {
  const FileDescriptor root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto opened = open_bundle_file(root.get(), "proc/version");
  REQUIRE(std::holds_alternative<FileProblem>(opened));
  CHECK(std::get<FileProblem>(opened).kind == FileProblem::Kind::mount);
  const auto above = open_bundle_file(root.get(), "../etc/passwd");
  CHECK(std::holds_alternative<FileProblem>(above));
}

// Fewer descriptors for this process while it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit fewer = before_;
    fewer.rlim_cur = count;
    ::setrlimit(RLIMIT_NOFILE, &fewer);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE("20,000 members in 200 folders need a descriptor a worker and few more") {
  TestBundle bundle;
  for (int i = 0; i < 20'000; ++i) {
    const std::string name =
        "f" + std::to_string(i % 200) + "/" + std::to_string(i / 200 % 7) + "/" + std::to_string(i);
    bundle.write(name, name);
    bundle.files_of().push_back(
        JsonValue::object({{"path", name},
                           {"sha256", sha256(name).hex()},
                           {"bytes", static_cast<std::uint64_t>(name.size())}}));
  }
  bundle.sign();
  int open_now = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd"))
    ++open_now;
  static constexpr std::size_t kWorkers = 8;
  const FewDescriptors few(static_cast<rlim_t>(open_now) + kWorkers + 4);
  const VerifyReport report = bundle.verify({.workers = kWorkers});
  CHECK(joined(briefs(report.findings)).empty());
  CHECK(report.member_count == 20'002);
  CHECK(report.bundle.has_value());
}

TEST_CASE("evidence of hostile depth or with many wrong decisions is bounded") {
  TestBundle bundle;
  std::string deep = R"({"product":"CAVRA","session_id":"s","decisions":[)";
  deep.append(5'000'000, '[');
  bundle.add("evidence.json", deep);
  bundle.sign();
  check_only(bundle.verify(), "evidence.syntax", "evidence.json");

  std::string many = R"({"product":"CAVRA","session_id":"s","decisions":[0)";
  for (int i = 0; i < 100'000; ++i)
    many += ",0";
  bundle.add("evidence.json", many + "]}");
  bundle.sign();
  const VerifyReport report = bundle.verify();
  CHECK(report.findings.size() == 20);
  CHECK_FALSE(report.bundle.has_value());
}

}  // namespace
}  // namespace cavra
