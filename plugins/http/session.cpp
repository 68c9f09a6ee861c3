#include "http/session.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "cavra/support/encoding.hpp"

namespace cavra::http {

namespace {

constexpr long kSendBufferBytes = 256L << 10;
constexpr long kReceiveBufferBytes = 256L << 10;
constexpr std::size_t kMaxHeaderBytes = std::size_t{256} << 10;

struct EasyCleanup {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCleanup>;
struct MultiCleanup {
  void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
};
using MultiHandle = std::unique_ptr<CURLM, MultiCleanup>;
struct ListCleanup {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCleanup>;

// One request on its way.
struct Transfer {
  Request request;
  EasyHandle easy;
  HeaderList headers;
  Response response;
  std::optional<Error> own;  // of body or sink
  std::size_t header_bytes = 0;
  bool is_accepted = false;
  char error[CURL_ERROR_SIZE] = "";
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

// libcurl's callbacks: nothing is thrown across, and a failure is kept in the transfer.

std::size_t take_header(char* data, std::size_t, std::size_t length, void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  try {
    const std::string_view line(data, length);
    if (line.starts_with("HTTP/")) {  // another answer begins: 100 Continue came before
      transfer.response = {};
      transfer.header_bytes = 0;
    }
    transfer.header_bytes += length;
    if (transfer.header_bytes > kMaxHeaderBytes) {
      transfer.own = Error{ErrorCode::io, "the answer's headers do not end", true};
      return 0;
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      transfer.response.headers.add(std::string(line.substr(0, colon)),
                                    std::string(trimmed(line.substr(colon + 1))));
    return length;
  } catch (...) {
    return 0;
  }
}

Result<void> take(Transfer& transfer, std::span<const std::byte> data) {
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (transfer.request.sink && status >= 200 && status < 300) {
    transfer.response.status = static_cast<int>(status);
    if (transfer.request.accept && !std::exchange(transfer.is_accepted, true))
      CAVRA_CHECK(transfer.request.accept(transfer.response));
    return transfer.request.sink(data);
  }
  const std::size_t most =
      status >= 200 && status < 300 ? transfer.request.max_body_bytes : kMaxErrorBytes;
  if (transfer.response.body.size() + data.size() > most)
    return Error{ErrorCode::io,
                 "the answer is longer than " + std::to_string(most) + " bytes: it is none", false};
  transfer.response.body += as_text(data);
  return {};
}

std::size_t take_body(char* data, std::size_t, std::size_t length, void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  try {
    auto taken = take(transfer, std::as_bytes(std::span(data, length)));
    if (taken) return length;
    transfer.own = std::move(taken).error();
  } catch (...) {
    transfer.own = Error{ErrorCode::internal, "the answer could not be taken"};
  }
  return length == 0 ? 1 : 0;  // anything but `length`
}

std::size_t give_body(char* data, std::size_t, std::size_t length, void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  try {
    auto given = transfer.request.body->read(std::as_writable_bytes(std::span(data, length)));
    if (given) return *given;
    transfer.own = std::move(given).error();
  } catch (...) {
    transfer.own = Error{ErrorCode::internal, "the bytes to send could not be read"};
  }
  return CURL_READFUNC_ABORT;
}

// Failures after which the same request fails the same way again.
bool is_permanent(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
      return true;
    default:
      return false;
  }
}

// Failures before anything of the request went out.
bool is_before_sending(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return true;
    default:
      return false;
  }
}

Answer answer_of(Transfer& transfer, CURLcode code) {
  if (code == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    transfer.response.status = static_cast<int>(status);
    return {.response = std::move(transfer.response), .failure = std::nullopt};
  }
  const std::string_view told(transfer.error);
  TransportFailure failure;
  failure.message = printable(told.empty() ? std::string_view(curl_easy_strerror(code)) : told);
  failure.may_be_sent = !is_before_sending(code);
  failure.is_permanent = is_permanent(code);
  failure.own = std::move(transfer.own);
  return {.response = std::nullopt, .failure = std::move(failure)};
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
  MultiHandle multi;
  std::map<Id, std::unique_ptr<Transfer>> transfers;
  Id last_id = 0;

  ~State() {
    for (const auto& [id, transfer] : transfers)
      curl_multi_remove_handle(multi.get(), transfer->easy.get());
  }

  void set_options(Transfer& transfer) const;
  void set_body(Transfer& transfer) const;
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
  const bool wants_body = request.body != nullptr;
  if (!wants_body && (request.method == "GET" || request.method == "DELETE")) return;
  // No seek function: libcurl would send a body again by itself, on a connection that died. Whether
  // a request may be repeated is not for libcurl to know.
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                   static_cast<curl_off_t>(wants_body ? request.body->length() : 0));
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, kSendBufferBytes);
  if (wants_body) {
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
  }
}

void Session::State::set_options(Transfer& transfer) const {
  CURL* const easy = transfer.easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, options.allows_plain ? "https,http" : "https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.idle_timeout.count()));
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.takes_proxy) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  set_body(transfer);
}

namespace {

// libcurl's own headers that no signature covers go, unless the request has them.
HeaderList header_list(const Headers& headers) {
  HeaderList list;
  const auto add = [&list](const std::string& line) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)list.release();
    list.reset(longer);
  };
  for (const Header& header : headers.all())
    add(header.value.empty() ? header.name + ';' : header.name + ": " + header.value);
  for (const char* own : {"Accept", "Content-Type", "User-Agent"})
    if (!headers.find(own)) add(std::string(own) + ':');
  return list;
}

bool has_control_characters(const Headers& headers) {
  return std::ranges::any_of(headers.all(), [](const Header& header) {
    return (header.name + header.value).find_first_of(std::string_view("\r\n\0", 3)) !=
           std::string::npos;
  });
}

}  // namespace

Result<Session::Id> Session::start(Request request) {
  if (has_control_characters(request.headers) ||
      request.url.find_first_of(std::string_view("\r\n\0 ", 4)) != std::string::npos)
    return Error{ErrorCode::internal, "a request with a line break in a header or in its URL"};
  if (request.body != nullptr) CAVRA_CHECK(request.body->rewind());
  auto transfer = std::make_unique<Transfer>();
  transfer->request = std::move(request);
  transfer->easy.reset(curl_easy_init());
  if (transfer->easy == nullptr) return Error{ErrorCode::internal, "libcurl gives no handle"};
  transfer->headers = header_list(transfer->request.headers);
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
    curl_multi_poll(state_->multi.get(), nullptr, 0, static_cast<int>(rest.count()), nullptr);
  }
}

}  // namespace cavra::http
