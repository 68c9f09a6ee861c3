#include "http/session.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "http/transfer.hpp"

namespace cavra::http {

namespace {

constexpr long kSendBufferBytes = 256L << 10;
constexpr long kReceiveBufferBytes = 256L << 10;
// Longer bodies ask first, "Expect: 100-continue": a refusal then costs no upload. libcurl would
// ask for each, and wait a second for servers that do not know of it.
constexpr std::uint64_t kMaxUnaskedBytes = std::uint64_t{1} << 20;

struct MultiCleanup {
  void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
};
using MultiHandle = std::unique_ptr<CURLM, MultiCleanup>;

// libcurl's callbacks for what it opens and closes; the set is the session's.

int note_socket(void* sockets, curl_socket_t socket, curlsocktype) noexcept {
  try {
    static_cast<std::set<curl_socket_t>*>(sockets)->insert(socket);
    ::fcntl(socket, F_SETFD, FD_CLOEXEC);  // a program that is started shall not keep it open
    return CURL_SOCKOPT_OK;
  } catch (...) {
    return CURL_SOCKOPT_ERROR;
  }
}

int close_socket(void* sockets, curl_socket_t socket) noexcept {
  static_cast<std::set<curl_socket_t>*>(sockets)->erase(socket);
  return ::close(socket);
}

// Counted and thread-safe since libcurl 7.84; never undone, as plugins are never unloaded.
Result<void> start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started == CURLE_OK) return {};
  return Error{ErrorCode::internal,
               std::string("libcurl cannot start: ") + curl_easy_strerror(started)};
}

}  // namespace

struct Session::State {
  // Transfers go before what they are in.
  SessionOptions options;
  std::set<curl_socket_t> sockets;  // of all connections
  MultiHandle multi;
  std::map<Id, std::unique_ptr<Transfer>> transfers;
  Id last_id = 0;

  ~State() {
    for (const auto& [id, transfer] : transfers)
      curl_multi_remove_handle(multi.get(), transfer->easy.get());
  }

  void set_options(Transfer& transfer);
  void set_body(Transfer& transfer) const;
  void acknowledge_at_once() const;
  [[nodiscard]] Answer end(Id id, CURLcode code);
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(const SessionOptions& options) {
  CAVRA_CHECK(start_libcurl());
  auto state = std::make_unique<State>();
  state->options = options;
  state->multi.reset(curl_multi_init());
  if (state->multi == nullptr) return Error{ErrorCode::internal, "libcurl gives no multi handle"};
  curl_multi_setopt(state->multi.get(), CURLMOPT_MAXCONNECTS,
                    static_cast<long>(options.connections));
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

void Session::State::set_body(Transfer& transfer) const {
  CURL* const easy = transfer.easy.get();
  const Request& request = transfer.request;
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.body == nullptr && (request.method == "GET" || request.method == "DELETE")) return;
  // No seek function: libcurl shall not send a body again by itself.
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(transfer.body_bytes));
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, kSendBufferBytes);
}

void Session::State::set_options(Transfer& transfer) {
  CURL* const easy = transfer.easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, options.allows_plain ? "https,http" : "https");
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // giving up waits for no name resolution
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, note_socket);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, &sockets);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &sockets);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.idle_timeout.count()));
  if (!options.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // else the system's are trusted, too
  }
  if (!options.takes_proxy) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  set_body(transfer);
  set_callbacks(transfer);
}

namespace {

// libcurl's own headers that no signature covers go, unless the request has them.
HeaderList header_list(const Request& request) {
  const Headers& headers = request.headers;
  HeaderList list;
  const auto add = [&list](const std::string& line) {
    curl_slist* const before = list.release();
    list.reset(curl_slist_append(before, line.c_str()));
    if (list != nullptr) return;
    list.reset(before);
    throw std::bad_alloc();
  };
  for (const Header& header : headers.all())
    add(header.value.find_first_not_of(" \t") == std::string::npos
            ? header.name + ';'
            : header.name + ": " + header.value);
  for (const char* own : {"Accept", "Content-Type", "User-Agent"})
    if (!headers.find(own)) add(std::string(own) + ':');
  const bool is_short = request.body == nullptr || request.body->length() <= kMaxUnaskedBytes;
  if (is_short && !headers.find("Expect")) add("Expect:");
  return list;
}

// libcurl would send another URL: without its fragment, or encoded.
bool is_sent_as_it_is(std::string_view url) {
  return std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~' && c != '#'; });
}

bool has_line_break(const Headers& headers) {
  return std::ranges::any_of(headers.all(), [](const Header& header) {
    return (header.name + header.value).find_first_of(std::string_view("\r\n\0", 3)) !=
           std::string::npos;
  });
}

}  // namespace

Result<Session::Id> Session::start(Request request) {
  if (!is_sent_as_it_is(request.url))
    return Error{ErrorCode::internal, "a URL has a fragment, or what no URL has"};
  if (has_line_break(request.headers))
    return Error{ErrorCode::internal, "a header has a line break"};
  if (request.body != nullptr) {
    CAVRA_CHECK(request.body->rewind());
  }
  auto transfer = std::make_unique<Transfer>();
  transfer->request = std::move(request);
  if (transfer->request.body != nullptr) transfer->body_bytes = transfer->request.body->length();
  transfer->easy.reset(curl_easy_init());
  if (transfer->easy == nullptr) return Error{ErrorCode::internal, "libcurl gives no handle"};
  transfer->headers = header_list(transfer->request);
  state_->set_options(*transfer);
  const Id id = ++state_->last_id;
  curl_easy_setopt(transfer->easy.get(), CURLOPT_PRIVATE,
                   reinterpret_cast<void*>(id));  // NOLINT(performance-no-int-to-ptr)
  const CURLMcode added = curl_multi_add_handle(state_->multi.get(), transfer->easy.get());
  if (added != CURLM_OK)
    return Error{ErrorCode::internal, std::string("libcurl: ") + curl_multi_strerror(added)};
  state_->transfers.emplace(id, std::move(transfer));
  return id;
}

Answer Session::State::end(Id id, CURLcode code) {
  const auto found = transfers.find(id);
  Answer answer = answer_of(*found->second, code);
  curl_multi_remove_handle(multi.get(), found->second->easy.get());
  transfers.erase(found);
  return answer;
}

// Some servers send an answer's header and body as two small segments, and the second only once the
// first was acknowledged: by default after 40 ms. Linux forgets what it was told, so it is told
// before each wait.
void Session::State::acknowledge_at_once() const {
  const int is_on = 1;
  for (const curl_socket_t socket : sockets)
    ::setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &is_on, sizeof is_on);
}

void Session::give_up(Id id) {
  if (state_->transfers.contains(id)) (void)state_->end(id, CURLE_ABORTED_BY_CALLBACK);
}

std::vector<Session::Ended> Session::poll(std::chrono::milliseconds most) {
  std::vector<Ended> ended;
  const auto until = std::chrono::steady_clock::now() + most;
  for (;;) {
    int running = 0;
    curl_multi_perform(state_->multi.get(), &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(state_->multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;  // the message goes with its handle
      char* context = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
      const auto id = reinterpret_cast<Id>(context);
      ended.push_back({id, state_->end(id, code)});
    }
    const auto rest =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (!ended.empty() || rest.count() <= 0) return ended;
    state_->acknowledge_at_once();
    curl_multi_poll(state_->multi.get(), nullptr, 0, static_cast<int>(rest.count()), nullptr);
  }
}

}  // namespace cavra::http
