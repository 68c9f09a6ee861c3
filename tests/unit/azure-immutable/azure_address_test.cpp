#include "azure-immutable/azure_address.hpp"

#include <doctest/doctest.h>

namespace cavra::azure {
namespace {

std::string refusal(std::string_view endpoint) {
  const auto made = AzureAddress::make(endpoint, "c");
  if (made) return "";
  CHECK(made.error().code == ErrorCode::usage);
  return made.error().message;
}

TEST_CASE("a container's URLs") {
  const auto cloud = AzureAddress::make("https://acc.blob.core.windows.net/", "c");
  REQUIRE(cloud);
  CHECK(cloud->path("") == "/c");
  CHECK(cloud->url(cloud->path("a b/\xC3\xA9"), "comp=list") ==
        "https://acc.blob.core.windows.net/c/a%20b/%C3%A9?comp=list");
  CHECK(cloud->location("p/") == "https://acc.blob.core.windows.net/c/p/");
  const auto local = AzureAddress::make("http://127.0.0.1:10000/acc", "c");
  REQUIRE(local);
  CHECK(local->path("k") == "/acc/c/k");
  CHECK(local->is_plain());
  CHECK(local->is_loopback());
}

TEST_CASE("what is no endpoint is not repeated: a signature may be in it") {
  for (const auto& [endpoint, word] : {
           std::pair<std::string_view, std::string_view>{"geheim", "AZURE_STORAGE_BLOB_ENDPOINT"},
           {"ftp://a.example/geheim", "AZURE_STORAGE_BLOB_ENDPOINT"},
           {"https://a.example/?sig=geheim", "AZURE_STORAGE_SAS_TOKEN"},
           {"http://a.example/geheim", "without TLS"},
       }) {
    CAPTURE(endpoint);
    const std::string told = refusal(endpoint);
    CHECK(told.find(word) != std::string::npos);
    CHECK(told.find("geheim") == std::string::npos);
  }
}

}  // namespace
}  // namespace cavra::azure
