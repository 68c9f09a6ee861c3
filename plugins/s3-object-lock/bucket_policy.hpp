// The little of a bucket policy that a probe reads. Pure: any thread.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
#pragma once

#include <string_view>

namespace cavra::s3 {

// Whether a statement without conditions denies `action` to everybody, in the whole bucket. What
// cannot be understood denies nothing.
[[nodiscard]] bool denies_to_all(std::string_view policy_json, std::string_view action,
                                 std::string_view bucket);

}  // namespace cavra::s3
