#include "process_credentials.hpp"

#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/run_process.hpp"
#include "cloud/wiped_answer.hpp"
#include "credential_documents.hpp"
#include "shell_words.hpp"

namespace cavra::s3 {

Result<AwsCredentials> fetch_process_credentials(const AwsProcess& source, const sdk::Call& call) {
  const std::string where = source.place + ": credential_process";
  const auto words = split_shell_words(source.command);
  if (!words || words->empty() || words->front().empty())
    return Error{ErrorCode::usage,
                 where + " is no command: a quote is not closed, or the program is missing", false};
  auto json = cloud::run_process(*words, cloud::kMaxCredentialBytes, call);
  if (!json) return cloud::when(where, std::move(json).error());
  auto credentials = parse_process_credentials(*json);
  if (!credentials)
    return cloud::when(where + " " + quoted(words->front()), std::move(credentials).error());
  return credentials;
}

}  // namespace cavra::s3
