#include "azure-immutable/azure_error.hpp"

#include <doctest/doctest.h>

namespace cavra::azure {
namespace {

using cloud::Remedy;

http::Response answer(int status, const std::string& code) {
  return {.status = status, .headers = {{"x-ms-error-code", code}}, .body = {}};
}

TEST_CASE("the code of the header, or of the body") {
  CHECK(azure_error(answer(404, "BlobNotFound")).text() == "404 BlobNotFound");
  const http::Response with_body{
      .status = 409,
      .headers = {{"x-ms-request-id", "r1"}},
      .body =
          "\xEF\xBB\xBF<?xml version=\"1.0\"?><Error><Code>BlobAlreadyExists</Code>"
          "<Message>It is there.\nRequestId:r1</Message></Error>"};
  CHECK(azure_error(with_body).text() == "409 BlobAlreadyExists (It is there.), request r1");
}

TEST_CASE("what follows from an answer") {
  struct Row {
    int status;
    const char* code;
    ErrorCode error;
    Remedy remedy;
  };
  for (const auto& [status, code, error, remedy] : {
           Row{503, "ServerBusy", ErrorCode::unavailable, Remedy::wait},
           Row{429, "", ErrorCode::unavailable, Remedy::wait},
           Row{500, "OperationTimedOut", ErrorCode::io, Remedy::wait},
           Row{409, "ContainerBeingDeleted", ErrorCode::io, Remedy::wait},
           Row{500, "FeatureNotSupported", ErrorCode::unsupported, Remedy::none},
           Row{501, "APINotImplemented", ErrorCode::unsupported, Remedy::none},
           Row{404, "BlobNotFound", ErrorCode::not_found, Remedy::none},
           Row{404, "ContainerNotFound", ErrorCode::usage, Remedy::none},
           Row{401, "InvalidAuthenticationInfo", ErrorCode::forbidden, Remedy::new_credentials},
           Row{403, "AuthenticationFailed", ErrorCode::forbidden, Remedy::none},
           Row{403, "AuthorizationPermissionMismatch", ErrorCode::forbidden, Remedy::none},
           Row{409, "BlobImmutableDueToPolicy", ErrorCode::refused, Remedy::none},
           Row{409, "BlobArchived", ErrorCode::refused, Remedy::none},
           Row{400, "Md5Mismatch", ErrorCode::io, Remedy::none},
           Row{400, "InvalidHeaderValue", ErrorCode::refused, Remedy::none},
           Row{302, "", ErrorCode::usage, Remedy::none},
       }) {
    CAPTURE(status);
    CAPTURE(code);
    const http::Response response = answer(status, code);
    CHECK(to_error(azure_error(response), "put", "blobs/write").code == error);
    CHECK(remedy_of(azure_error(response), response) == remedy);
  }
}

TEST_CASE("a right that is missing is named, a wrong clock is told by the service's") {
  const auto error =
      to_error(azure_error(answer(403, "AuthorizationPermissionMismatch")), "put", "blobs/write");
  CHECK(error.message.find("blobs/write") != std::string::npos);
  http::Response skewed = answer(403, "AuthenticationFailed");
  skewed.headers.add("date", "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(remedy_of(azure_error(skewed), skewed) == Remedy::new_clock);
}

TEST_CASE("what says that something is there") {
  for (const auto& [status, code] : {std::pair{409, "BlobAlreadyExists"},
                                     {412, "ConditionNotMet"},
                                     {412, ""},
                                     {409, "BlobImmutableDueToPolicy"},
                                     {403, "UnauthorizedBlobOverwrite"}})
    CHECK(says_exists(azure_error(answer(status, code))));
  CHECK_FALSE(says_exists(azure_error(answer(409, "ContainerBeingDeleted"))));
  CHECK_FALSE(says_exists(azure_error(answer(403, "AuthorizationPermissionMismatch"))));
}

}  // namespace
}  // namespace cavra::azure
