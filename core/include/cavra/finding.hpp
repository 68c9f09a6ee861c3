// A Finding is one thing that is wrong, with its place and what to do about it.
#pragma once

#include <string>
#include <vector>

namespace cavra {

struct Finding {
  // Stable, for programs: "member.digest", "manifest.signature", "trust.revoked", …
  // The list with each one's meaning is docs/findings.md.
  std::string code;
  // Where: a member path, "manifest.json#/files/3/sha256", a key in a store. May be empty.
  std::string place;
  // What is wrong and what to do, one line, safe to print.
  std::string message;

  friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

}  // namespace cavra
