// The least that is a plugin: a store that keeps nothing, and says so.
#include "cavra/plugin.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"

namespace {

using namespace cavra;

constexpr sdk::PluginInfo kInfo{.id = "org.example.nothing",
                                .version = "0.1.0",
                                .vendor = "Example",
                                .licence = "Apache-2.0",
                                .settings_schema = R"({"type": "object"})"};

Error nothing(std::string_view key) {
  return {ErrorCode::unsupported,
          "nothing is kept here, so not " + quoted(key) + " at " + format_utc(now_utc())};
}

class NothingSession {
 public:
  Result<sdk::PutResult> put(const sdk::Call&, const sdk::PutRequest& request, sdk::Source&) {
    return nothing(request.key);
  }
  Result<sdk::ObjectInfo> stat(const sdk::Call&, std::string_view key, std::string_view) {
    return nothing(key);
  }
  Result<void> get(const sdk::Call&, std::string_view key, std::string_view, std::uint64_t,
                   sdk::Sink&) {
    return nothing(key);
  }
  Result<std::string> list(const sdk::Call&, const sdk::ListRequest&, sdk::ListSink&) {
    return std::string();
  }
  Result<void> raise_lock(const sdk::Call&, std::string_view key, std::string_view,
                          const sdk::Lock&) {
    return nothing(key);
  }
  Result<void> probe(const sdk::Call&, sdk::ProbeSink&) { return {}; }
};

class NothingStore {
 public:
  static Result<std::unique_ptr<NothingStore>> open(const sdk::OpenRequest&) {
    return std::make_unique<NothingStore>();
  }
  sdk::StoreInfo describe() const {
    sdk::StoreInfo info;
    info.location = "nowhere";
    info.strength = "there is nothing to take away";
    return info;
  }
  Result<std::unique_ptr<NothingSession>> session() { return std::make_unique<NothingSession>(); }
};

}  // namespace

CAVRA_PLUGIN(kInfo, NothingStore)
