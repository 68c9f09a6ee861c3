#include "s3-object-lock/small_s3.hpp"

#include <algorithm>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "http/digest.hpp"
#include "http/percent_encoding.hpp"

namespace cavra::s3::testing {
namespace {

std::string key_of(const Asked& asked) {
  const std::string path = asked.target.substr(0, asked.target.find('?'));
  constexpr std::string_view kBucket = "/abc/";
  if (!path.starts_with(kBucket)) return {};
  return http::decode_component(path.substr(kBucket.size())).value_or("");
}

}  // namespace

std::string parameter(const Asked& asked, std::string_view name) {
  std::string_view query = asked.target;
  query.remove_prefix(std::min(query.find('?'), query.size() - 1) + 1);
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    if (one.substr(0, one.find('=')) == name)
      return http::decode_component(one.substr(std::min(name.size() + 1, one.size()))).value_or("");
  }
  return "-";
}

Answered s3_error(int status, std::string_view code) {
  return {.status = status,
          .body = "<Error><Code>" + std::string(code) + "</Code></Error>",
          .headers = {}};
}

SmallS3::SmallS3() : server_([this](const Asked& asked) { return answer(asked); }) {}

std::vector<Asked> SmallS3::asked(std::string_view method, std::string_view part) const {
  auto all = server_.asked();
  std::erase_if(all, [&](const Asked& one) {
    return one.method != method || one.target.find(part) == std::string::npos;
  });
  return all;
}

std::size_t SmallS3::live_versions() const {
  return static_cast<std::size_t>(
      std::ranges::count(versions, false, &StoredVersion::is_delete_marker));
}

void SmallS3::store(StoredVersion version) {
  if (version.id.empty()) version.id = "v" + std::to_string(++last_);
  versions.insert(versions.begin(), std::move(version));
}

Answered SmallS3::answer(const Asked& asked) {
  if (before)
    if (auto told = before(asked)) return *std::move(told);
  Answered answered = answer_by_itself(asked);
  if (after) after(asked, answered);
  return answered;
}

Answered SmallS3::answer_by_itself(const Asked& asked) {
  const std::string key = key_of(asked);
  const std::string upload = parameter(asked, "uploadId");
  if (key.empty()) return parameter(asked, "versions") == "-" ? s3_error(404, "None") : list();
  // What HEAD does not show is not there.
  for (const char* lock : {"retention", "legal-hold"})
    if (asked.method == "GET" && parameter(asked, lock) != "-")
      return s3_error(404, "NoSuchObjectLockConfiguration");
  if (upload == "-" && parameter(asked, "uploads") == "-") {
    if (asked.method == "PUT") return put(key, asked.body, asked.headers);
    return show(asked, key, parameter(asked, "versionId"));
  }
  if (upload == "-") {
    const std::string id = "u" + std::to_string(++last_);
    uploads[id] = {.key = key, .headers = asked.headers, .parts = {}, .etags = {}};
    return {.status = 200,
            .body = "<InitiateMultipartUploadResult><UploadId>" + id +
                    "</UploadId></InitiateMultipartUploadResult>",
            .headers = {}};
  }
  if (!uploads.contains(upload)) return s3_error(404, "NoSuchUpload");
  if (asked.method == "GET") return list_parts(upload);
  if (asked.method == "POST") return complete(asked, upload);
  if (asked.method == "DELETE") {
    uploads.erase(upload);
    return {.status = 204, .body = {}, .headers = {}};
  }
  const auto number = static_cast<unsigned>(std::stoul(parameter(asked, "partNumber")));
  uploads[upload].parts[number] = asked.body;
  uploads[upload].etags[number] = "\"" + upload + "-" + std::to_string(number) + "\"";
  return {.status = 200, .body = {}, .headers = {{"etag", uploads[upload].etags[number]}}};
}

Answered SmallS3::list() const {
  std::string xml = "<ListVersionsResult><EncodingType>url</EncodingType>";
  for (const StoredVersion& version : versions) {
    const std::string_view name = version.is_delete_marker ? "DeleteMarker" : "Version";
    xml.append("<").append(name).append("><Key>").append(http::encode_component(version.key));
    xml.append("</Key><VersionId>").append(version.id).append("</VersionId><Size>");
    xml.append(std::to_string(version.body.size())).append("</Size></").append(name).append(">");
  }
  return {.status = 200, .body = xml + "</ListVersionsResult>", .headers = {}};
}

Answered SmallS3::show(const Asked& asked, const std::string& key,
                       const std::string& version) const {
  const auto found = std::ranges::find_if(versions, [&](const StoredVersion& one) {
    return one.key == key && (version == "-" || one.id == version);
  });
  if (found == versions.end() || found->is_delete_marker) return s3_error(404, "NoSuchVersion");
  Answered answered{.status = 200, .body = found->body, .headers = found->headers};
  answered.headers.add("x-amz-version-id", found->id);
  if (asked.method == "HEAD") answered.body_bytes_sent = 0;
  const std::string_view range = asked.headers.get("range");
  if (range.empty()) return answered;
  const std::size_t from = std::stoul(std::string(range.substr(6)));
  if (from >= found->body.size()) return s3_error(416, "InvalidRange");
  answered.status = 206;
  answered.body = found->body.substr(from);
  answered.headers.add("content-range", "bytes " + std::to_string(from) + "-" +
                                            std::to_string(found->body.size() - 1) + "/" +
                                            std::to_string(found->body.size()));
  return answered;
}

Answered SmallS3::put(const std::string& key, std::string body, const http::Headers& headers) {
  const auto there = std::ranges::find(versions, key, &StoredVersion::key);
  if (honours_if_none_match && headers.find("if-none-match") && there != versions.end() &&
      !there->is_delete_marker)
    return s3_error(412, "PreconditionFailed");
  StoredVersion version{.key = key, .id = {}, .body = std::move(body)};
  for (const http::Header& header : headers.all())
    if (header.name.starts_with("x-amz-meta-") || header.name.starts_with("x-amz-object-lock-"))
      version.headers.add(header.name, header.value);
  store(std::move(version));
  return {.status = 200, .body = {}, .headers = {{"x-amz-version-id", versions.front().id}}};
}

Answered SmallS3::complete(const Asked& asked, const std::string& id) {
  StoredUpload& upload = uploads[id];
  std::string body;
  for (const auto& [number, bytes] : upload.parts) {
    if (asked.body.find("<ETag>" + upload.etags[number] + "</ETag>") == std::string::npos)
      return s3_error(400, "InvalidPart");
    body += bytes;
  }
  http::Headers headers = upload.headers;
  headers.set("if-none-match", std::string(asked.headers.get("if-none-match")));
  Answered answered = put(upload.key, std::move(body), headers);
  if (answered.status != 200) return answered;
  answered.body = "<CompleteMultipartUploadResult/>";
  uploads.erase(id);
  return answered;
}

Answered SmallS3::list_parts(const std::string& id) const {
  const StoredUpload& upload = uploads.at(id);
  std::string xml = "<ListPartsResult>";
  for (const auto& [number, bytes] : upload.parts)
    xml += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><Size>" +
           std::to_string(bytes.size()) + "</Size><ETag>" + upload.etags.at(number) +
           "</ETag><ChecksumSHA256>" + to_base64(http::sha256(as_bytes(bytes))) +
           "</ChecksumSHA256></Part>";
  return {.status = 200, .body = xml + "</ListPartsResult>", .headers = {}};
}

}  // namespace cavra::s3::testing
