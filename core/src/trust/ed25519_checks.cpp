#include "trust/ed25519_checks.hpp"

#include <cryptopp/integer.h>
#include <cryptopp/nbtheory.h>

#include <algorithm>
#include <array>

#include "trust/crypto_bytes.hpp"

namespace cavra::trust {

namespace {

using CryptoPP::Integer;

// RFC 8032, section 5.1: p = 2^255 - 19, d = -121665/121666, L = 2^252 + 277...
const Integer& field_prime() {
  static const Integer p = Integer::Power2(255) - Integer(19L);
  return p;
}

const Integer& curve_d() {
  static const Integer d(
      "37095705934669439343138083508754565189542113879843219016388785533085940283555");
  return d;
}

const Integer& group_order() {
  static const Integer order =
      Integer::Power2(252) + Integer("27742317777372353535851937790883648493");
  return order;
}

Integer from_little_endian(std::span<const std::byte, 32> bytes) {
  return Integer(crypto_data(bytes), bytes.size(), Integer::UNSIGNED,
                 CryptoPP::LITTLE_ENDIAN_ORDER);
}

// The y of the points of order 1, 2, 4 and 8; each of them stands for the points with x and -x.
// "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020), table 5.
bool is_small_order_y(const Integer& y) {
  static const Integer order_8(
      "2707385501144840649318225287225658788936804267575313519463743609750303402022");
  static const std::array small = {
      Integer::Zero(), Integer::One(),          field_prime() - Integer::One(),
      order_8,         field_prime() - order_8,
  };
  return std::find(small.begin(), small.end(), y) != small.end();
}

// x^2 = (y^2 - 1) / (d y^2 + 1) has a root just where (y^2 - 1)(d y^2 + 1) is a square; the
// divisor is never 0, as -1/d is no square.
bool is_on_curve(const Integer& y) {
  const Integer& p = field_prime();
  const Integer y2 = y.Squared() % p;
  const Integer numerator = (y2 + p - Integer::One()) % p;
  const Integer divisor = (curve_d() * y2 + Integer::One()) % p;
  return CryptoPP::Jacobi(numerator * divisor % p, p) != -1;
}

}  // namespace

PointProblem check_ed25519_point(std::span<const std::byte, 32> encoded) {
  std::array<std::byte, 32> without_sign{};
  std::copy(encoded.begin(), encoded.end(), without_sign.begin());
  without_sign.back() &= std::byte{0x7f};
  const Integer y = from_little_endian(without_sign);
  if (y >= field_prime()) return PointProblem::not_canonical;
  // Covers x = 0 with the sign bit set as well: only y = 1 and y = -1 have x = 0.
  if (is_small_order_y(y)) return PointProblem::small_order;
  if (!is_on_curve(y)) return PointProblem::not_on_curve;
  return PointProblem::none;
}

bool is_ed25519_scalar(std::span<const std::byte, 32> s) {
  return from_little_endian(s) < group_order();
}

}  // namespace cavra::trust
