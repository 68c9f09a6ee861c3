// RapidJSON's reader behind one function: the grammar of RFC 8259 with this project's strictness.
// What the values become is the target's: a tree (JsonBuilder), or a stream of trees.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cavra/json.hpp"
#include "json/block_stream.hpp"

namespace cavra {

// Gets the pieces of a document in order. False ends the reading; problem() or error() says why.
class SaxTarget {
 public:
  virtual ~SaxTarget() = default;
  [[nodiscard]] virtual bool scalar(JsonValue&& value) = 0;
  [[nodiscard]] virtual bool start_object() = 0;
  // `end` is the offset of the name's last quote.
  [[nodiscard]] virtual bool name(std::string_view name, std::size_t end) = 0;
  [[nodiscard]] virtual bool end_object() = 0;
  [[nodiscard]] virtual bool start_array() = 0;
  [[nodiscard]] virtual bool end_array() = 0;

  struct Refusal {
    std::string_view problem;           // a literal; empty where `error` says all
    std::optional<std::size_t> offset;  // where it is not where the reader stands
    std::optional<Error> error;         // of a callback: passed on as it is
  };
  [[nodiscard]] virtual Refusal refusal() const = 0;
};

// Reads the whole stream. Errors: corrupt with offset, line and column; what the stream's source
// or the target gave.
[[nodiscard]] Result<void> read_json(BlockStream& stream, SaxTarget& target);

}  // namespace cavra
