#include "s3-object-lock/service_error.hpp"

#include <doctest/doctest.h>

using namespace cavra;
using namespace cavra::s3;

namespace {

ServiceError said(int status, const std::string& code) {
  http::Response response;
  response.status = status;
  if (!code.empty())
    response.body = "<Error><Code>" + code + "</Code><Message>why</Message></Error>";
  return service_error(response);
}

ErrorCode code_of(int status, const std::string& code) {
  return to_error(said(status, code), "put \"k\"", "s3:PutObject").code;
}

}  // namespace

TEST_CASE("what a service says is an error for a person, with the right that is missing") {
  CHECK(to_error(said(403, "AccessDenied"), "put \"k\"", "s3:PutObject").message ==
        "put \"k\": the service answered 403 AccessDenied (why): it needs the right s3:PutObject");
  CHECK(code_of(403, "AccessDenied") == ErrorCode::forbidden);
  CHECK(code_of(403, "SignatureDoesNotMatch") == ErrorCode::forbidden);
  CHECK(code_of(404, "NoSuchKey") == ErrorCode::not_found);
  CHECK(code_of(404, "NoSuchBucket") == ErrorCode::usage);
  CHECK(code_of(405, "MethodNotAllowed") == ErrorCode::not_found);
  CHECK(code_of(400, "InvalidRequest") == ErrorCode::refused);
  CHECK(code_of(400, "BadDigest") == ErrorCode::io);
  CHECK(code_of(301, "PermanentRedirect") == ErrorCode::usage);
  CHECK(code_of(503, "SlowDown") == ErrorCode::unavailable);
  CHECK(code_of(500, "InternalError") == ErrorCode::io);
  CHECK(code_of(200, "InternalError") == ErrorCode::io);
  // HEAD has no body.
  CHECK(code_of(404, "") == ErrorCode::not_found);
  CHECK(code_of(403, "") == ErrorCode::forbidden);
}

TEST_CASE("what passes is waited for, what can be set right is, and nothing else is repeated") {
  for (const auto& [status, code] : {std::pair{503, "SlowDown"},
                                     {500, "InternalError"},
                                     {400, "RequestTimeout"},
                                     {409, "OperationAborted"},
                                     {502, ""},
                                     {429, ""},
                                     {200, ""}})
    CHECK(remedy_of(said(status, code)) == Remedy::wait);
  CHECK(remedy_of(said(403, "RequestTimeTooSkewed")) == Remedy::new_clock);
  CHECK(remedy_of(said(400, "ExpiredToken")) == Remedy::new_credentials);
  CHECK(remedy_of(said(400, "")) == Remedy::new_credentials);
  for (const auto& [status, code] : {std::pair{403, "AccessDenied"},
                                     {404, "NoSuchKey"},
                                     {400, "InvalidRequest"},
                                     {412, "PreconditionFailed"},
                                     {400, "BadDigest"},
                                     {403, ""},
                                     {307, ""}})
    CHECK(remedy_of(said(status, code)) == Remedy::none);
  http::Response elsewhere;
  elsewhere.status = 301;
  elsewhere.headers.add("x-amz-bucket-region", "eu-west-1");
  CHECK(remedy_of(service_error(elsewhere)) == Remedy::other_region);
}

TEST_CASE("hostile answers are cut, and made visible") {
  http::Response response;
  response.status = 400;
  response.body = "<Error><Code>" + std::string(5000, 'x') + "</Code><Message>\xC2\x9B" +
                  std::string(5000, 'y') + "</Message></Error>";
  const std::string text = service_error(response).text();
  CHECK(text.size() < 500);
  CHECK(text.find('\x9B') == std::string::npos);
  response.body = "no XML <at all";
  CHECK(service_error(response).text() == "400");
}
