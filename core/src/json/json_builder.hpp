// Puts the pieces of a document together: a SaxTarget that gives one JsonValue.
//
// Refuses doubled names and more than the allowed levels. Objects and arrays get exactly the
// memory that they need. Reusable: take() leaves it empty.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/json.hpp"
#include "json/sax_reader.hpp"

namespace cavra {

class JsonBuilder final : public SaxTarget {
 public:
  // `levels_above`: how deep the value itself stands in its document.
  explicit JsonBuilder(std::size_t levels_above = 0) : levels_above_(levels_above) {}

  bool scalar(JsonValue&& value) override;
  bool start_object() override;
  bool name(std::string_view name, std::size_t end) override;
  bool end_object() override;
  bool start_array() override;
  bool end_array() override;
  Refusal refusal() const override { return refusal_; }

  // Inside of an object or array that has begun.
  [[nodiscard]] bool is_open() const { return !open_.empty(); }
  // The value, once it is complete.
  [[nodiscard]] JsonValue take();
  void set_levels_above(std::size_t levels) { levels_above_ = levels; }

 private:
  struct Name {
    std::string text;
    std::size_t end = 0;
  };
  struct Open {
    std::size_t first_value;
    std::size_t first_name;
  };

  bool start();
  bool has_doubled_name(std::size_t first_name);

  std::size_t levels_above_;
  std::vector<Open> open_;         // the objects and arrays around the next value
  std::vector<JsonValue> values_;  // theirs so far, one after the other
  std::vector<Name> names_;        // the same for names
  Refusal refusal_;
};

}  // namespace cavra
