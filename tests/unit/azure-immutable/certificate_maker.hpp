// Keys and certificates that openssl makes, as it does for an application's owner.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string>

#include "temporary_folder.hpp"
#include "vectors.hpp"

namespace cavra::azure::testing {

class CertificateMaker {
 public:
  // Arguments are the test's alone. True where it exits with 0; then "out.txt" has what it said.
  [[nodiscard]] bool openssl(const std::string& arguments) const {
    const std::string command =
        "cd '" + folder_.file("") + "' && openssl " + arguments + " >out.txt 2>err.txt";
    return std::system(command.c_str()) == 0;  // NOLINT(cert-env33-c): a test, no foreign text
  }
  // Tells of it where not.
  [[nodiscard]] bool is_there() const {
    if (openssl("version")) return true;
    std::cout << "openssl: left out, no such program\n";
    if (cavra::testing::must_run("openssl")) FAIL_CHECK("openssl is missing, and it must run");
    return false;
  }
  // NAME.key, NAME.crt and NAME.pub.
  void make(const std::string& name, const std::string& key = "rsa:2048") const {
    REQUIRE(openssl("req -x509 -nodes -days 2 -subj /CN=" + name + " -newkey " + key + " -keyout " +
                    name + ".key -out " + name + ".crt"));
    REQUIRE(openssl("x509 -in " + name + ".crt -noout -pubkey -out " + name + ".pub"));
  }
  // Whether app.key made the file "signature" of another one, as PS256 (RFC 7518, section 3.5).
  [[nodiscard]] bool verifies(const std::string& name) const {
    return openssl(
        "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 "
        "-sigopt rsa_mgf1_md:sha256 -verify app.pub -signature signature " +
        name);
  }
  [[nodiscard]] const cavra::testing::TemporaryFolder& folder() const { return folder_; }
  [[nodiscard]] std::string read(const std::string& name) const { return folder_.read(name); }

 private:
  cavra::testing::TemporaryFolder folder_;
};

}  // namespace cavra::azure::testing
