// What S3 says when it says no, and what follows from it: an error for the host, or a repeat.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. Pure: any thread.
#pragma once

#include <string>
#include <string_view>

#include "cavra/support/result.hpp"
#include "cloud/service.hpp"
#include "http/message.hpp"

namespace cavra::s3 {

struct ServiceError {
  int status = 0;
  std::string code;        // "AccessDenied"; without a body, "" or what the status means
  std::string message;     // the service's words
  std::string region;      // where the bucket is, if the answer says so
  std::string request_id;  // for AWS's support

  // "403 AccessDenied (Access Denied), request 4Z…"
  [[nodiscard]] std::string text() const;
};

// Of an answer that is none of 2xx, or of one whose body is an <Error> all the same.
[[nodiscard]] ServiceError service_error(const http::Response& response);
// Whether the body's root is <Error>, whatever the status.
[[nodiscard]] bool is_error_document(std::string_view body);

using cloud::Remedy;

// It does not know who asks, whatever it is that is asked for.
[[nodiscard]] bool is_about_credentials(const ServiceError& error);
[[nodiscard]] Remedy remedy_of(const ServiceError& error);

// `action` is the IAM action that the request needs: where it is denied, it is named.
[[nodiscard]] Error to_error(const ServiceError& error, std::string_view doing,
                             std::string_view action);

}  // namespace cavra::s3
