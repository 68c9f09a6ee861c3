#include "private_key.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "cavra/support/encoding.hpp"

namespace cavra::cli {

namespace {

// Others may read a public key: its rights are not what is wrong with it here.
bool is_public_key(const std::string& file) {
  const auto pem = read_secret_file(file, kMaxKeyFileBytes, false);
  return pem && PublicKey::from_pem(as_text(pem->expose()), file);
}

}  // namespace

Result<PrivateKey> read_private_key(const std::string& file) {
  const auto pem = read_secret_file(file, kMaxKeyFileBytes, true);
  if (!pem && pem.error().code == ErrorCode::refused && is_public_key(file))
    return Error{ErrorCode::usage,
                 printable(file) + ": is a public key, where the private key is wanted"};
  if (!pem) return pem.error();
  auto key = PrivateKey::from_pem(*pem, file);
  if (!key && key.error().code == ErrorCode::corrupt) key.error().code = ErrorCode::usage;
  return key;
}

Result<std::string> secret_file_name(const Arguments& arguments, const std::string& option) {
  const std::string name = arguments.text(option);
  if (is_key_text(name))
    return Error{ErrorCode::usage, "--" + option +
                                       ": give a file name, not the key itself; it stands in the "
                                       "process list and the shell's history now: replace it"};
  struct stat status{};
  if (::stat(name.c_str(), &status) == 0) return name;
  const int problem = errno;
  // A folder that is there is no secret, and shows where the name goes wrong.
  const std::filesystem::path folder = std::filesystem::path(name).parent_path();
  std::error_code ignored;
  const bool is_folder_there = !folder.empty() && std::filesystem::is_directory(folder, ignored);
  return Error{ErrorCode::usage,
               "--" + option + ": there is no such file" +
                   (is_folder_there ? " in " + quoted(folder.native()) : "") + " (" +
                   std::generic_category().message(problem) +
                   "); give the name of a file, never the key itself. What was given is not "
                   "repeated here, as it might be one"};
}

}  // namespace cavra::cli
