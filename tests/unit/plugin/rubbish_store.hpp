// The store of tests/plugins/rubbish_plugin.cpp, opened: it breaks its duties, each as it is asked
// to.
#pragma once

#include <memory>
#include <string>

#include "plugin/loaded_plugin.hpp"
#include "plugin/plugin_test_data.hpp"
#include "plugin/storage_adapter.hpp"

namespace cavra::testing {

inline const std::string kBug = "store \"vault\": a bug in plugin org.cavra.test.rubbish 0.1.0, ";

// `kind` is what is wrong in its description.
inline Result<std::unique_ptr<StorageBackend>> open_rubbish(const std::string& kind = {}) {
  const auto loaded = load_file(plugin_file("rubbish"));
  REQUIRE(loaded);
  return PluginRegistry::open_store(
      **loaded,
      store_options(kind.empty() ? JsonValue::object() : JsonValue::object({{"describe", kind}})));
}

struct Opened {
  std::unique_ptr<StorageBackend> backend;
  std::unique_ptr<StorageSession> session;

  explicit Opened(const std::string& kind = {}) {
    auto opened = open_rubbish(kind);
    REQUIRE(opened);
    backend = *std::move(opened);
    auto first = backend->session();
    REQUIRE(first);
    session = *std::move(first);
  }
  StorageSession* operator->() const { return session.get(); }
};

inline std::string text_of(const Error& error) {
  return std::string(to_string(error.code)) + ": " + error.message;
}

// What a put under "a/<kind>" comes to; "created" where it succeeds.
inline std::string put(const std::string& kind, TestSource source = TestSource("0123456789"),
                       const CallContext& call = {}) {
  const Opened store;
  PutRequest request = request_for("a/" + kind, "0123456789");
  request.length = source.length();
  const auto result = store->put(call, request, source);
  return result ? (result->is_created ? "created" : "present") : text_of(result.error());
}

}  // namespace cavra::testing
