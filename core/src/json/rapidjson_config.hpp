// Included before any RapidJSON header: its assertions stay on in every build, and throw. None is
// within reach (what we hand over is checked before), but a release build without them would turn
// a slip in that check into undefined behaviour.
#pragma once

#include <stdexcept>
#include <string>

namespace cavra {

[[noreturn]] inline void fail_rapidjson_assertion(const char* condition) {
  throw std::logic_error(std::string("RapidJSON: ") + condition);
}

}  // namespace cavra

#define RAPIDJSON_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::cavra::fail_rapidjson_assertion(#condition))
