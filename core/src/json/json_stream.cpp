#include <set>

#include "json/json_builder.hpp"

namespace cavra {
namespace {

// The levels of the document that are streamed stay here; what stands in them is built.
class StreamTarget final : public SaxTarget {
 public:
  StreamTarget(BlockStream& stream, std::string_view array_member, const JsonStreamHandler& handler)
      : stream_(stream), array_member_(array_member), handler_(handler) {
    start_next();
  }

  bool scalar(JsonValue&& value) override {
    if (levels_.empty()) return refuse("neither an object nor an array");
    if (!builder_.scalar(std::move(value))) return refuse_as_builder();
    return builder_.is_open() || deliver();
  }

  bool start_object() override {
    if (levels_.empty()) return open(Level::object);
    return builder_.start_object() || refuse_as_builder();
  }

  bool start_array() override {
    if (levels_.empty() || is_streamed_member()) {
      if (handler_.on_array) handler_.on_array();
      return open(Level::array);
    }
    return builder_.start_array() || refuse_as_builder();
  }

  bool name(std::string_view name, std::size_t end) override {
    if (builder_.is_open()) return builder_.name(name, end) || refuse_as_builder();
    names_bytes_ += name.size();
    if (names_bytes_ > kMaxStreamedValueBytes) return refuse("too many members");
    name_ = name;
    if (names_.insert(name_).second) return true;
    refusal_ = {"a doubled member name, which ends", end, std::nullopt};
    return false;
  }

  bool end_object() override {
    if (!builder_.is_open()) return close();
    if (!builder_.end_object()) return refuse_as_builder();
    return builder_.is_open() || deliver();
  }

  bool end_array() override {
    if (!builder_.is_open()) return close();
    if (!builder_.end_array()) return refuse_as_builder();
    return builder_.is_open() || deliver();
  }

  Refusal refusal() const override { return refusal_; }

 private:
  enum class Level { object, array };

  bool is_streamed_member() const {
    return !builder_.is_open() && levels_.size() == 1 && levels_.back() == Level::object &&
           name_ == array_member_;
  }

  bool open(Level level) {
    levels_.push_back(level);
    start_next();
    return true;
  }

  bool close() {
    levels_.pop_back();
    start_next();
    return true;
  }

  void start_next() {
    builder_.set_levels_above(levels_.size());
    stream_.set_limit(stream_.Tell() + kMaxStreamedValueBytes);
  }

  bool deliver() {
    if (stream_.is_over_limit()) return refuse(kTooLongValue);
    if (stream_.failure()) {  // it may have cut a number short
      refusal_ = {{}, std::nullopt, stream_.failure()};
      return false;
    }
    auto taken = levels_.back() == Level::array ? deliver_element() : deliver_member();
    if (!taken) {
      refusal_ = {{}, std::nullopt, std::move(taken).error()};
      return false;
    }
    start_next();
    return true;
  }

  Result<void> deliver_element() {
    JsonValue value = builder_.take();
    const std::size_t index = element_count_++;
    if (!handler_.on_element) return {};
    return handler_.on_element(index, std::move(value));
  }

  Result<void> deliver_member() {
    JsonValue value = builder_.take();
    if (!handler_.on_member) return {};
    return handler_.on_member(name_, std::move(value));
  }

  bool refuse(std::string_view problem) {
    refusal_ = {problem, std::nullopt, std::nullopt};
    return false;
  }

  bool refuse_as_builder() {
    refusal_ = builder_.refusal();
    return false;
  }

  BlockStream& stream_;
  std::string_view array_member_;
  const JsonStreamHandler& handler_;
  std::vector<Level> levels_;  // at most an object and an array in it
  std::set<std::string, std::less<>> names_;
  std::size_t names_bytes_ = 0;
  std::string name_;
  std::size_t element_count_ = 0;
  JsonBuilder builder_;
  Refusal refusal_;
};

}  // namespace

Result<void> stream_json(ByteSource& source, std::string_view array_member,
                         const JsonStreamHandler& handler) {
  BlockStream stream(source);
  StreamTarget target(stream, array_member, handler);
  return read_json(stream, target);
}

}  // namespace cavra
