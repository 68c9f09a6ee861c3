// One request on its way through libcurl, and what came of it: a part of Session.
//
// Its address is lent to libcurl until it goes.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "http/message.hpp"

namespace cavra::http {

struct EasyCleanup {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCleanup>;
struct ListCleanup {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCleanup>;

struct Transfer {
  Request request;
  HeaderList headers;
  Response response;
  std::uint64_t body_bytes = 0;   // to send
  std::uint64_t given_bytes = 0;  // of them, to libcurl
  bool has_begun = false;         // to send: the service may have got it
  enum class Part { nothing, headers, body } part = Part::nothing;  // of the answer: what came last
  std::size_t header_bytes = 0;
  bool is_accepted = false;  // by the request's accept()
  std::optional<Error> own;  // of body or sink
  char error[CURL_ERROR_SIZE] = "";
  EasyHandle easy;  // the last: goes before what it was lent
};

// libcurl gives to it, takes from it and asks it, all in the thread of Session::poll().
void set_callbacks(Transfer& transfer);

// What it ended with, by libcurl's word and what the callbacks kept. Once.
[[nodiscard]] Answer answer_of(Transfer& transfer, CURLcode code);

}  // namespace cavra::http
