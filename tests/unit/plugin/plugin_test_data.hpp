// What the tests of the plugin room share: the plugins of tests/plugins, folders, sources.
#pragma once

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cavra/hasher.hpp"
#include "cavra/plugin_registry.hpp"
#include "cavra/support/encoding.hpp"
#include "temporary_folder.hpp"

namespace cavra::testing {

inline std::filesystem::path plugin_file(const std::string& name) {
  return std::filesystem::path(CAVRA_BINARY_DIR) / "tests/plugins" / ("cavra-test-" + name + ".so");
}

inline std::string read_file(const std::filesystem::path& file) {
  std::string bytes(std::filesystem::file_size(file), '\0');
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())));
  return bytes;
}

inline void write_file(const std::filesystem::path& file, std::string_view text) {
  std::ofstream(file, std::ios::binary)
      .write(text.data(), static_cast<std::streamsize>(text.size()));
}

inline PluginReference reference_to(const std::filesystem::path& file) {
  return {.name = {}, .path = file, .sha256 = sha256(read_file(file)).hex()};
}

inline Result<const LoadedPlugin*> load_file(const std::filesystem::path& file) {
  PluginRegistry registry("/nowhere");
  return registry.load(reference_to(file));
}

inline StoreOptions store_options(JsonValue settings = JsonValue::object()) {
  StoreOptions options;
  options.store_name = "vault";
  options.settings = std::move(settings);
  options.base_folder = "/";
  return options;
}

// Bytes in memory with a verdict of the test's choice.
class TestSource final : public ObjectSource {
 public:
  explicit TestSource(std::string bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t claimed_length = 0;  // 0: the true one
  Result<void> verdict{};
  std::optional<Error> read_failure;
  bool throws = false;

  [[nodiscard]] std::uint64_t length() const override {
    return claimed_length != 0 ? claimed_length : bytes_.size();
  }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) override {
    if (throws) throw std::runtime_error("out of everything");
    if (read_failure) return *read_failure;
    const auto from = as_bytes(bytes_).subspan(std::min<std::size_t>(offset, bytes_.size()));
    // Two bytes at a time: the host has to fill the plugin's buffer by itself.
    const auto part = from.first(std::min<std::size_t>({from.size(), buffer.size(), 2}));
    std::copy(part.begin(), part.end(), buffer.begin());
    return part.size();
  }
  Result<void> finish() override {
    ++finished;
    return verdict;
  }

  int finished = 0;

 private:
  std::string bytes_;
};

inline PutRequest request_for(const std::string& key, std::string_view bytes) {
  PutRequest request;
  request.key = key;
  request.length = bytes.size();
  request.sha256 = sha256(bytes);
  request.media_type = "application/octet-stream";
  request.lock = {LockMode::governance, 4102444800, false};
  return request;
}

}  // namespace cavra::testing
