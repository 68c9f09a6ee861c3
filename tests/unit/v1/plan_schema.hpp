// The schema of plans that readers are given.
#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "cavra/json.hpp"

namespace cavra::testing {

[[nodiscard]] inline JsonSchema plan_schema() {
  std::ifstream file(CAVRA_SOURCE_DIR "/docs/schemas/plan.schema.json", std::ios::binary);
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto schema = JsonSchema::compile(text);
  REQUIRE_MESSAGE(schema, (schema ? "" : schema.error().message));
  return *std::move(schema);
}

}  // namespace cavra::testing
