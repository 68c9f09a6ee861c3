// Secret holds bytes that must reach no log, message or core dump.
//
// It prints as [redacted], wipes itself when it goes, and is read by expose() alone, so that a
// grep finds every use. Not copyable. Not synchronised.
#pragma once

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cavra {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size) : bytes_(size) {}
  explicit Secret(std::span<const std::byte> bytes) : bytes_(bytes.begin(), bytes.end()) {}
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

  // Lends the bytes until this Secret changes or goes.
  [[nodiscard]] std::span<const std::byte> expose() const noexcept { return bytes_; }
  [[nodiscard]] std::span<std::byte> expose_for_writing() noexcept { return bytes_; }

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "[redacted]"; }

 private:
  void wipe() noexcept;  // not optimised away

  std::vector<std::byte> bytes_;
};

}  // namespace cavra
