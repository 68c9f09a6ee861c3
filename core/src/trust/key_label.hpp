// Names for PEM labels that are not the one asked for. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

namespace cavra::trust {

inline constexpr std::string_view kPublicLabel = "PUBLIC KEY";
inline constexpr std::string_view kPrivateLabel = "PRIVATE KEY";
inline constexpr std::string_view kEncryptedLabel = "ENCRYPTED PRIVATE KEY";

// "is a certificate, where …": goes after the file's name.
[[nodiscard]] std::string describe_label(std::string_view label, std::string_view wanted);

}  // namespace cavra::trust
