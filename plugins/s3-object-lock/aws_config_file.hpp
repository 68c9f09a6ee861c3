// One of the files ~/.aws/config and ~/.aws/credentials, as AWS's own tools read it: the syntax.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html says little of it; what counts
// is botocore's reading, which the test vectors hold. What sections mean is aws_profiles.hpp's.
// A value, not copied: it has secrets. Const use from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/support/result.hpp"
#include "cloud/wiped_text.hpp"

namespace cavra::s3 {

inline constexpr std::size_t kMaxAwsFileBytes = std::size_t{1} << 20;

// What is beside a key, further lines after line feeds; or, where nothing is beside it, the keys
// and values that are indented below it.
struct AwsValue {
  cloud::WipedText text;
  cloud::WipedMap<cloud::WipedText> nested;
  std::size_t line = 0;  // of the key, from 1
};
using AwsValues = cloud::WipedMap<AwsValue>;

struct AwsSection {
  std::string name;  // as it stands in the brackets
  AwsValues values;  // by key in lower case
};

struct AwsFile {
  AwsFile() = default;
  AwsFile(AwsFile&&) = default;
  AwsFile& operator=(AwsFile&&) = default;

  std::string path;                  // for messages
  std::vector<AwsSection> sections;  // in the order of the file
  AwsValues defaults;                // of [DEFAULT]: what a section has that lacks the key
};

// Errors: usage, with file and line, never with what stands there: text above kMaxAwsFileBytes or
// not in UTF-8, a line that is no key, the same section or key twice. A NUL is a letter like others
// here, as it is for botocore; load_aws_profiles() takes no file that has one.
[[nodiscard]] Result<AwsFile> parse_aws_file(std::string_view text, std::string path);

// For messages: `"/home/a/.aws/config", line 7`.
[[nodiscard]] std::string aws_file_place(const std::string& path, std::size_t line);

}  // namespace cavra::s3
