// What the fuzz targets found, and their seeds, once each: part of the ordinary tests, so that a
// target keeps compiling and what it found stays fixed.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "targets.hpp"

using namespace cavra::fuzz;

namespace {

std::vector<std::string> found_inputs(std::string_view target) {
  std::vector<std::string> inputs;
  const auto folder = std::filesystem::path(CAVRA_SOURCE_DIR) / "tests/fuzz/crashes" / target;
  if (!std::filesystem::is_directory(folder)) return inputs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    REQUIRE_MESSAGE(file, entry.path().string());
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

}  // namespace

TEST_CASE("no fuzz target breaks on what was found before") {
  for (const Target& target : kTargets) {
    CAPTURE(target.name);
    for (const std::string& input : found_inputs(target.name))
      CHECK_NOTHROW(target.run(input));
  }
}

TEST_CASE("no fuzz target breaks on its seeds, nor on a few cuts of them") {
  for (const Target& target : kTargets) {
    CAPTURE(target.name);
    CHECK_NOTHROW(target.run(""));
    if (target.seed == nullptr) continue;
    for (const std::string& seed : target.seed()) {
      CHECK_NOTHROW(target.run(seed));
      for (const std::size_t part : {2U, 3U, 5U})
        CHECK_NOTHROW(target.run(std::string_view(seed).substr(0, seed.size() / part)));
    }
  }
}

TEST_CASE("no fuzz target breaks on noise") {
  std::mt19937 random(20260524);  // the same noise each time
  for (const Target& target : kTargets) {
    CAPTURE(target.name);
    for (std::size_t size = 1; size < 600; size += 13) {
      std::string noise(size, '\0');
      for (char& each : noise)
        each = static_cast<char>(random());
      CHECK_NOTHROW(target.run(noise));
    }
  }
}
