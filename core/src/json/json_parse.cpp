#include "json/json_builder.hpp"

namespace cavra {

Result<JsonValue> parse_json(std::string_view text) {
  BlockStream stream(text);
  JsonBuilder builder;
  CAVRA_CHECK(read_json(stream, builder));
  return builder.take();
}

}  // namespace cavra
