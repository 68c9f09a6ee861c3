// A message that is signed, in pieces: that of a million objects need not be held at once.
//
// One thread.
#pragma once

#include <string_view>
#include <utility>

namespace cavra {

class MessageSource {
 public:
  virtual ~MessageSource() = default;
  // The next piece, lent until the next call; empty at the end.
  [[nodiscard]] virtual std::string_view next() = 0;
  // The same pieces come again, from the first one on.
  virtual void rewind() = 0;
};

// Text that is there already. Lent.
class TextMessage final : public MessageSource {
 public:
  explicit TextMessage(std::string_view text) : text_(text), rest_(text) {}
  [[nodiscard]] std::string_view next() override { return std::exchange(rest_, {}); }
  void rewind() override { rest_ = text_; }

 private:
  std::string_view text_;
  std::string_view rest_;
};

}  // namespace cavra
