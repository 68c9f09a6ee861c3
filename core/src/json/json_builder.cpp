#include "json/json_builder.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <tuple>

namespace cavra {
namespace {

// Up to here each name is compared with each; above, they are sorted. Most objects are small.
constexpr std::size_t kFewNames = 16;

}  // namespace

bool JsonBuilder::scalar(JsonValue&& value) {
  values_.push_back(std::move(value));
  return true;
}

bool JsonBuilder::start() {
  if (levels_above_ + open_.size() >= kMaxJsonDepth) {
    refusal_ = {"more than 256 levels of objects and arrays", std::nullopt, std::nullopt};
    return false;
  }
  open_.push_back({values_.size(), names_.size()});
  return true;
}

bool JsonBuilder::start_object() {
  return start();
}
bool JsonBuilder::start_array() {
  return start();
}

bool JsonBuilder::name(std::string_view name, std::size_t end) {
  names_.push_back({std::string(name), end});
  return true;
}

bool JsonBuilder::end_object() {
  const auto [first_value, first_name] = open_.back();
  if (has_doubled_name(first_name)) return false;
  JsonValue::Object members;
  members.reserve(values_.size() - first_value);
  for (std::size_t i = first_value; i < values_.size(); ++i) {
    std::string& name = names_[first_name + i - first_value].text;
    members.push_back({std::move(name), std::move(values_[i])});
  }
  values_.resize(first_value);
  names_.resize(first_name);
  open_.pop_back();
  return scalar(std::move(members));
}

bool JsonBuilder::end_array() {
  const auto first = values_.begin() + static_cast<std::ptrdiff_t>(open_.back().first_value);
  JsonValue::Array elements(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
  values_.erase(first, values_.end());
  open_.pop_back();
  return scalar(std::move(elements));
}

bool JsonBuilder::has_doubled_name(std::size_t first_name) {
  const std::span<const Name> names = std::span(names_).subspan(first_name);
  const Name* second = nullptr;
  if (names.size() <= kFewNames) {
    for (std::size_t i = 1; i < names.size() && second == nullptr; ++i) {
      const auto earlier = names.first(i);
      if (std::ranges::find(earlier, names[i].text, &Name::text) != earlier.end()) {
        second = &names[i];
      }
    }
  } else {
    std::vector<const Name*> sorted;
    sorted.reserve(names.size());
    for (const Name& name : names)
      sorted.push_back(&name);
    std::ranges::sort(sorted, {}, [](const Name* name) { return std::tie(name->text, name->end); });
    const auto same = std::ranges::adjacent_find(
        sorted, {}, [](const Name* name) -> const std::string& { return name->text; });
    if (same != sorted.end()) second = *std::next(same);
  }
  if (second == nullptr) return false;
  refusal_ = {"a doubled member name, which ends", second->end, std::nullopt};
  return true;
}

JsonValue JsonBuilder::take() {
  JsonValue value = std::move(values_.back());
  values_.clear();
  return value;
}

}  // namespace cavra
