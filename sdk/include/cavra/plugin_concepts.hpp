// What the glue of cavra/plugin.hpp asks of a backend and its sessions, call by call, so that a
// missing one is one readable error.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::sdk::detail {

template <class Backend>
concept HasOpen = requires(const OpenRequest& request) {
  { Backend::open(request) } -> std::same_as<Result<std::unique_ptr<Backend>>>;
};
template <class Backend>
concept HasDescribe = requires(const Backend& backend) {
  { backend.describe() } -> std::convertible_to<StoreInfo>;
};
// Optional: for a store that has no identity before its first object.
template <class Backend>
concept HasIdentity = requires(const Backend& backend) {
  { backend.identity() } noexcept -> std::same_as<std::string_view>;
};
template <class Backend>
concept HasSession = requires(Backend& backend) {
  requires std::same_as<decltype(backend.session()),
                        Result<std::unique_ptr<typename std::remove_cvref_t<
                            decltype(*backend.session())>::element_type>>>;
};

template <class Session>
concept HasPut =
    requires(Session& session, const Call& call, const PutRequest& request, Source& source) {
      { session.put(call, request, source) } -> std::same_as<Result<PutResult>>;
    };
template <class Session>
concept HasStat = requires(Session& session, const Call& call, std::string_view text) {
  { session.stat(call, text, text) } -> std::same_as<Result<ObjectInfo>>;
};
template <class Session>
concept HasGet = requires(Session& session, const Call& call, std::string_view text, Sink& sink) {
  { session.get(call, text, text, std::uint64_t{}, sink) } -> std::same_as<Result<void>>;
};
template <class Session>
concept HasList =
    requires(Session& session, const Call& call, const ListRequest& request, ListSink& sink) {
      { session.list(call, request, sink) } -> std::same_as<Result<std::string>>;
    };
template <class Session>
concept HasRaiseLock =
    requires(Session& session, const Call& call, std::string_view text, const Lock& lock) {
      { session.raise_lock(call, text, text, lock) } -> std::same_as<Result<void>>;
    };
template <class Session>
concept HasProbe = requires(Session& session, const Call& call, ProbeSink& sink) {
  { session.probe(call, sink) } -> std::same_as<Result<void>>;
};

// Optional calls: the name alone decides, so that a wrong signature is an error and not a silence.
template <class Session>
concept NamesSetHold = requires { &Session::set_hold; };
template <class Session>
concept NamesClearHold = requires { &Session::clear_hold; };
template <class Session>
concept NamesSeal = requires { &Session::seal; };
template <class Session>
concept NamesRead = requires { &Session::read; };
template <class Session>
concept NamesPutMany = requires { &Session::put_many; };
template <class Session>
concept NamesBarrier = requires { &Session::barrier; };
template <class Session>
concept NamesAttempt = requires { &Session::attempt; };

}  // namespace cavra::sdk::detail
