#include "worm_under_test.hpp"

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "cavra/support/encoding.hpp"
#include "cavra/support/file_descriptor.hpp"

namespace worm_test {
namespace {

namespace fs = std::filesystem;
using cavra::FileDescriptor;

cavra_str lend(std::string_view text) {
  return {text.data(), text.size()};
}
std::string own(cavra_str text) {
  return text.len == 0 ? "" : std::string(text.data, text.len);
}

template <class Struct>
Struct make() {
  Struct value{};
  value.size = sizeof(Struct);
  return value;
}

const cavra_storage_v1& table() {
  for (std::uint32_t i = 0; i < plugin().interface_count; ++i) {
    const cavra_interface& interface = *plugin().interfaces[i];
    if (own(interface.name) == CAVRA_STORAGE_V1)
      return *static_cast<const cavra_storage_v1*>(interface.table);
  }
  throw std::runtime_error("no " CAVRA_STORAGE_V1);
}

// Calls `body` with an error to fill.
template <class Body>
Answer ask(Body body) {
  auto error = make<cavra_error>();
  Answer answer;
  answer.status = body(&error);
  if (answer.status != CAVRA_OK) {
    answer.message.assign(error.message, error.message_len);
    answer.is_retryable = error.retryable != 0;
    CHECK(error.code == answer.status);
    CHECK_FALSE(answer.message.empty());
    CHECK(cavra::printable(answer.message, 600) == answer.message);
  }
  return answer;
}

cavra_call call_of(const Stop& stop) {
  auto call = make<cavra_call>();
  call.deadline_monotonic_ms = stop.deadline_monotonic_ms;
  call.ctx = const_cast<Stop*>(&stop);
  call.is_cancelled = [](void* ctx) -> std::uint32_t {
    const auto& asked = *static_cast<const Stop*>(ctx);
    return asked.is_cancelled && asked.is_cancelled() ? 1 : 0;
  };
  return call;
}

cavra_lock lock_of(const Wish& wish) {
  auto lock = make<cavra_lock>();
  lock.mode = wish.mode;
  lock.retain_until_unix_s = wish.retain_until;
  lock.legal_hold = wish.legal_hold ? 1 : 0;
  return lock;
}

// No SHA-256, but of its size and different for different texts: the plugin computes none.
std::array<std::uint8_t, 32> digest_of(const std::string& text) {
  const std::string hash = std::to_string(std::hash<std::string>{}(text));
  std::array<std::uint8_t, 32> digest{};
  std::ranges::copy(hash, digest.begin());
  return digest;
}

bool must_run(const std::string& kind) {
  const char* const list = std::getenv("CAVRA_TEST_MUST_RUN");
  return list != nullptr &&
         ("," + std::string(list) + ",").find("," + kind + ",") != std::string::npos;
}

bool has_capability() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  ::syscall(SYS_capget, &header, data.data());
  return (data[0].effective & CAP_TO_MASK(CAP_LINUX_IMMUTABLE)) != 0;
}

void set_capabilities(std::uint32_t low, std::uint32_t high) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  data[0] = {.effective = low, .permitted = low, .inheritable = 0};
  data[1] = {.effective = high, .permitted = high, .inheritable = 0};
  if (::syscall(SYS_capset, &header, data.data()) != 0) ::_exit(97);
}

FileDescriptor open_any(const fs::path& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) throw std::runtime_error("open " + path.string() + ": " + std::strerror(errno));
  return fd;
}

void change_flags(const fs::path& path, int set, int clear) {
  const FileDescriptor fd = open_any(path);
  int flags = 0;
  REQUIRE(::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0);
  flags = (flags | set) & ~clear;
  REQUIRE(::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags) == 0);
}

}  // namespace

// ---- places ------------------------------------------------------------------------------------

std::optional<fs::path> new_place(const std::string& kind, bool needs_capability) {
  std::string variable = "CAVRA_TEST_" + kind;
  std::ranges::transform(variable, variable.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  const char* const mounted = std::getenv(variable.c_str());
  std::string lack;
  if (mounted == nullptr) lack = variable + " is not set (see tests/support/loop-mount.sh)";
  if (lack.empty() && needs_capability && !has_capability()) lack = "no CAP_LINUX_IMMUTABLE";
  if (!lack.empty()) {
    const std::string line = "left out on " + kind + ": " + lack;
    if (must_run(kind)) {
      FAIL(line);
    }
    MESSAGE(line);
    return std::nullopt;
  }
  static std::atomic<int> count = 0;
  const fs::path place = fs::path(mounted) / ("case-" + std::to_string(++count));
  fs::create_directory(place);
  fs::permissions(place, fs::perms::all);
  return place;
}

std::vector<fs::path> new_lockable_places() {
  std::vector<fs::path> places;
  for (const char* const kind : {"ext4", "xfs", "btrfs"}) {
    if (const auto place = new_place(kind)) places.push_back(*place);
  }
  return places;
}

TemporaryFolder::TemporaryFolder()
    : path([] {
        std::string name = (fs::temp_directory_path() / "cavra-worm-test.XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        return name;
      }()) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

// ---- the plugin --------------------------------------------------------------------------------

const cavra_plugin& plugin() {
  static const cavra_plugin* const loaded = [] {
    void* const library = ::dlopen(CAVRA_LOCAL_WORM_SO, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(::dlerror());
    const auto get = reinterpret_cast<cavra_plugin_get_fn>(::dlsym(library, CAVRA_PLUGIN_SYMBOL));
    return get(CAVRA_ABI_MAJOR);
  }();
  return *loaded;
}

namespace {

Answer open_store(const std::string& settings, const std::string& base, cavra_store** out) {
  auto request = make<cavra_open_request>();
  request.max_sessions = 2;
  request.settings_json = lend(settings);
  request.base_folder = lend(base);
  request.max_buffer_bytes = 4U << 20;
  return ask([&](cavra_error* error) { return table().open(&request, out, error); });
}

}  // namespace

Store::Store(const fs::path& root, bool is_advisory) {
  const std::string require = is_advisory ? R"(,"require":"advisory")" : "";
  opened = open_store(R"({"root":")" + root.string() + "\"" + require + "}", "/", &store_);
}
Store::~Store() {
  table().close(store_);
}

cavra_store_info Store::describe() {
  auto info = make<cavra_store_info>();
  CHECK(table().describe(store_, &info, nullptr) == CAVRA_OK);
  return info;
}
std::string Store::identity() {
  return own(describe().identity);
}

Answer try_open(const std::string& settings_json, const std::string& base_folder) {
  cavra_store* store = nullptr;
  const Answer answer = open_store(settings_json, base_folder, &store);
  table().close(store);
  return answer;
}

Session::Session(cavra_store* store) {
  if (store == nullptr || table().session_open(store, &session_, nullptr) != CAVRA_OK)
    throw std::runtime_error("no session");
}
Session::~Session() {
  table().session_close(session_);
}

namespace {

struct Reading {
  const Bytes& bytes;
  bool is_finished = false;
};

cavra_status read_source(void* ctx, std::uint64_t offset, void* buffer, std::size_t length,
                         std::size_t* got) {
  const Bytes& bytes = static_cast<Reading*>(ctx)->bytes;
  if (bytes.on_read) bytes.on_read(offset);
  if (offset > bytes.text.size()) return CAVRA_E_USAGE;
  *got = std::min({length, bytes.text.size() - offset, bytes.most_a_read});
  std::memcpy(buffer, bytes.text.data() + offset, *got);
  return CAVRA_OK;
}

}  // namespace

Session::Put Session::put(const std::string& key, const Bytes& bytes, const Wish& wish,
                          const Stop& stop) {
  Reading reading{bytes};
  auto source = make<cavra_source>();
  source.length = bytes.announced == UINT64_MAX ? bytes.text.size() : bytes.announced;
  source.ctx = &reading;
  source.read_at = read_source;
  source.finish = [](void* ctx) -> cavra_status {
    auto& mine = *static_cast<Reading*>(ctx);
    CHECK_FALSE(mine.is_finished);  // once
    mine.is_finished = true;
    return mine.bytes.verdict;
  };
  const cavra_lock lock = lock_of(wish);
  auto request = make<cavra_put_request>();
  request.key = lend(key);
  request.length = source.length;
  const auto digest = digest_of(bytes.digest_of.value_or(bytes.text));
  std::ranges::copy(digest, request.sha256);
  request.media_type = lend("application/json");
  request.metadata_json = lend(R"({"member":"a"})");
  request.lock = &lock;
  auto result = make<cavra_put_result>();
  const cavra_call call = call_of(stop);
  Put put;
  static_cast<Answer&>(put) = ask([&](cavra_error* error) {
    return table().put(session_, &call, &request, &source, &result, error);
  });
  put.outcome = result.outcome;
  if (put.status == CAVRA_OK) CHECK(result.digest_checked == 0);
  if (put.outcome == CAVRA_PUT_CREATED) CHECK(reading.is_finished);
  return put;
}

Session::Stat Session::stat(const std::string& key, const std::string& version) {
  const Stop stop;
  const cavra_call call = call_of(stop);
  Stat stat;
  stat.info = make<cavra_object_info>();
  static_cast<Answer&>(stat) = ask([&](cavra_error* error) {
    return table().stat(session_, &call, lend(key), lend(version), &stat.info, error);
  });
  return stat;
}

Session::Get Session::get(const std::string& key, std::uint64_t offset, const Stop& stop,
                          std::size_t most) {
  struct Taking {
    std::string text;
    std::size_t most;
  } taking{{}, most};
  auto sink = make<cavra_sink>();
  sink.ctx = &taking;
  sink.write = [](void* ctx, const void* data, std::size_t length) -> cavra_status {
    auto& mine = *static_cast<Taking*>(ctx);
    if (mine.text.size() + length > mine.most) return CAVRA_E_CORRUPT;
    mine.text.append(static_cast<const char*>(data), length);
    return CAVRA_OK;
  };
  const cavra_call call = call_of(stop);
  Get get;
  static_cast<Answer&>(get) = ask([&](cavra_error* error) {
    return table().get(session_, &call, lend(key), lend(""), offset, &sink, error);
  });
  get.text = std::move(taking.text);
  return get;
}

Session::Page Session::list_page(const std::string& prefix, std::uint32_t limit,
                                 const std::string& cursor) {
  Page page;
  auto place = make<cavra_list_cursor>();
  REQUIRE(cursor.size() <= sizeof(place.text));
  std::ranges::copy(cursor, place.text);
  place.text_len = static_cast<std::uint32_t>(cursor.size());
  auto sink = make<cavra_list_sink>();
  sink.ctx = &page;
  sink.entry = [](void* ctx, const cavra_list_entry* entry) -> cavra_status {
    auto& mine = *static_cast<Page*>(ctx);
    mine.keys.push_back(own(entry->key));
    mine.lengths.push_back(entry->length);
    CHECK(entry->kind == CAVRA_ENTRY_OBJECT);
    return CAVRA_OK;
  };
  const Stop stop;
  const cavra_call call = call_of(stop);
  static_cast<Answer&>(page) = ask([&](cavra_error* error) {
    return table().list(session_, &call, lend(prefix), limit, &place, &sink, error);
  });
  page.cursor.assign(place.text, place.text_len);
  return page;
}

Session::Page Session::list(const std::string& prefix, std::uint32_t limit) {
  Page all;
  std::string cursor;
  do {
    const Page page = list_page(prefix, limit, cursor);
    all.status = page.status;
    all.message = page.message;
    all.keys.insert(all.keys.end(), page.keys.begin(), page.keys.end());
    all.lengths.insert(all.lengths.end(), page.lengths.begin(), page.lengths.end());
    cursor = page.cursor;
  } while (all.status == CAVRA_OK && !cursor.empty());
  return all;
}

Answer Session::raise(const std::string& key, const Wish& wish) {
  const cavra_lock lock = lock_of(wish);
  const Stop stop;
  const cavra_call call = call_of(stop);
  return ask([&](cavra_error* error) {
    return table().raise_lock(session_, &call, lend(key), lend(""), &lock, error);
  });
}

Answer Session::set_hold(const std::string& key) {
  const Stop stop;
  const cavra_call call = call_of(stop);
  return ask([&](cavra_error* error) {
    return table().set_hold(session_, &call, lend(key), lend(""), error);
  });
}

Answer Session::clear_hold(const std::string& key) {
  const Stop stop;
  const cavra_call call = call_of(stop);
  return ask([&](cavra_error* error) {
    return table().clear_hold(session_, &call, lend(key), lend(""), error);
  });
}

Answer Session::seal(const std::string& prefix) {
  const Stop stop;
  const cavra_call call = call_of(stop);
  return ask(
      [&](cavra_error* error) { return table().seal(session_, &call, lend(prefix), error); });
}

Session::Probe Session::probe() {
  Probe probe;
  auto sink = make<cavra_probe_sink>();
  sink.ctx = &probe;
  sink.item = [](void* ctx, const cavra_probe_item* item) -> cavra_status {
    static_cast<Probe*>(ctx)->items.push_back({item->verdict, own(item->name), own(item->message)});
    return CAVRA_OK;
  };
  const Stop stop;
  const cavra_call call = call_of(stop);
  static_cast<Answer&>(probe) =
      ask([&](cavra_error* error) { return table().probe(session_, &call, &sink, error); });
  return probe;
}

const Session::Probe::Item* Session::Probe::find(std::string_view name) const {
  const auto at = std::ranges::find(items, name, &Item::name);
  return at == items.end() ? nullptr : &*at;
}

// ---- being hard on it
// ----------------------------------------------------------------------------

bool has_flag(const fs::path& path, int flag) {
  const FileDescriptor fd = open_any(path);
  int flags = 0;
  REQUIRE(::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0);
  return (flags & flag) != 0;
}

void clear_flags(const fs::path& path) {
  change_flags(path, 0, kImmutable | kAppendOnly);
}
void set_flag(const fs::path& path, int flag) {
  change_flags(path, flag, 0);
}

std::string read_attribute(const fs::path& path, const char* name) {
  std::array<char, 4096> value;
  const ssize_t size = ::getxattr(path.c_str(), name, value.data(), value.size());
  return size < 0 ? "" : std::string(value.data(), static_cast<std::size_t>(size));
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<std::string> tree_of(const fs::path& root) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    paths.push_back(fs::relative(entry.path(), root).string());
  std::ranges::sort(paths);
  return paths;
}

std::string in_child(const std::function<void()>& prepare,
                     const std::function<std::string()>& body) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const FileDescriptor out(ends[0]);
  FileDescriptor in(ends[1]);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::string text;
    try {
      prepare();
      text = body();
    } catch (const std::exception& thrown) {
      text = std::string("threw ") + thrown.what();
    } catch (...) {
      text = "threw";
    }
    const ssize_t written = ::write(in.get(), text.data(), text.size());
    ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 98);
  }
  in.reset();
  std::string text;
  std::array<char, 4096> block;
  for (ssize_t got = 0; (got = ::read(out.get(), block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(got));
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  return text;
}

void drop_capability() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  ::syscall(SYS_capget, &header, data.data());
  set_capabilities(data[0].permitted & ~CAP_TO_MASK(CAP_LINUX_IMMUTABLE), data[1].permitted);
}

void become_user(unsigned uid) {
  if (::setresgid(uid, uid, uid) != 0 || ::setresuid(uid, uid, uid) != 0) ::_exit(96);
}

void become_user_with_capability(unsigned uid) {
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) ::_exit(95);
  become_user(uid);
  set_capabilities(CAP_TO_MASK(CAP_LINUX_IMMUTABLE), 0);
}

}  // namespace worm_test
