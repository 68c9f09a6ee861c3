// Who besides this user and root may write a file, and so decides what is trusted.
#pragma once

#include <sys/stat.h>

#include <string>

#include "cavra/keys.hpp"

namespace cavra::trust {

// Empty where the file's owner and mode fit a file that decides what is trusted; else what is wrong
// and what to type. `path` is for the command to type.
[[nodiscard]] std::string why_not_trusted(const struct stat& status, const std::string& path,
                                          ChosenBy chosen_by);

// The same for a private key: nobody else's, and nobody else reads or writes it.
[[nodiscard]] std::string why_not_private(const struct stat& status, const std::string& path);

// Empty where not everyone may put another file in that one's place.
[[nodiscard]] std::string why_folder_not_trusted(const std::string& path);

}  // namespace cavra::trust
