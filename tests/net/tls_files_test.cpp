#include "net/tls_files.hpp"

#include "net/tls_authority.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace grape;

namespace {

constexpr std::int64_t now_s = 1'800'000'000;
/// Of nobody; its password is "secret".
constexpr const char* encrypted_key = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhBUPq4ae7djgICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEOeNlDlJsYM92Amb50RjZGsEgZDT
YzjilYQu/QdI/YMrFk/RpKazW9A+QpgvEP/WQCpJMCQhKJvJMc2A0XINoy3WFFSm
KC38fKDRQAXVGKUqIccvqrvs1AmmTonp6zqveNvuV+rX9/O1esMmfeAL/Nof4UPX
R1t6ttFOlqwSUmGOKCKLVJoSjO9/SI7ca1vKJ5KtJ1aFSev6RoYQQOdbxWvErbg=
-----END ENCRYPTED PRIVATE KEY-----
)";

constexpr tls_validity valid{now_s - 1'000, now_s + 1'000};
constexpr tls_validity long_valid{now_s - 9'000, now_s + 9'000};

/// The files of one node, and what may be wrong with them.
struct files_of_a_node {
  files_of_a_node() {
    write("ca.pem", authority.certificate);
    write("n1.pem", own.certificate);
    write("n1-key.pem", own.key);
  }

  std::string write(const std::string& name, const std::string& text) {
    const auto path = folder.path() + "/" + name;
    std::ofstream{path} << text;
    return path;
  }

  std::string refusal_of(const tls_files& wrong, std::int64_t at_s = now_s) const {
    const auto judged = check_tls_files(wrong, at_s);
    CHECK((judged.ok() || judged.code == errc::bad_config));
    return judged.detail;
  }

  grape::testing::temporary_directory folder;
  tls_credentials authority = make_tls_authority("Our CA", long_valid).value();
  tls_credentials own = issue_tls_certificate(authority, "n1", valid).value();
  tls_files good{folder.path() + "/n1.pem", folder.path() + "/n1-key.pem",
                 folder.path() + "/ca.pem"};
};

} // namespace

TEST_SUITE("net.tls_files") {
  TEST_CASE_FIXTURE(files_of_a_node, "files that belong together are good") {
    CHECK(check_tls_files(good, now_s).ok());
  }

  TEST_CASE_FIXTURE(files_of_a_node, "what is not there, or is something else, is named") {
    auto wrong = good;
    wrong.certificate = folder.path() + "/absent.pem";
    CHECK(refusal_of(wrong)
          == "[peer] tls_cert `" + wrong.certificate + "`: No such file or directory");
    wrong = good;
    wrong.key = folder.path() + "/absent.pem";
    CHECK(refusal_of(wrong) == "[peer] tls_key `" + wrong.key + "`: No such file or directory");
    wrong = good;
    wrong.authority = folder.path() + "/absent.pem";
    CHECK(refusal_of(wrong)
          == "[peer] tls_ca `" + wrong.authority + "`: No such file or directory");
    wrong = good;
    wrong.authority = good.key;
    CHECK(refusal_of(wrong) == "[peer] tls_ca `" + good.key + "`: holds no certificate in PEM");
    wrong = good;
    wrong.key = good.certificate;
    CHECK(refusal_of(wrong).starts_with("[peer] tls_key `" + good.certificate
                                        + "`: holds no private key in PEM"));
    auto cut = own.certificate;
    cut[cut.size() / 2] = '!';
    wrong = good;
    wrong.certificate = write("cut.pem", cut);
    CHECK(refusal_of(wrong).starts_with("[peer] tls_cert `" + wrong.certificate
                                        + "`: holds a damaged certificate"));
    wrong = good;
    wrong.key = write("locked.pem", encrypted_key);
    CHECK(refusal_of(wrong)
          == "[peer] tls_key `" + wrong.key
                 + "`: is encrypted; a node has nobody to ask for the password");
  }

  TEST_CASE_FIXTURE(files_of_a_node, "a key of another certificate is refused") {
    auto wrong = good;
    wrong.key = write("n2-key.pem", issue_tls_certificate(authority, "n2", valid)->key);
    CHECK(refusal_of(wrong)
          == "[peer] tls_key `" + wrong.key + "`: does not belong to the certificate in `"
                 + good.certificate + "`");
  }

  TEST_CASE_FIXTURE(files_of_a_node, "a certificate of another CA is refused, of the same name or "
                                     "not, and one that signed itself") {
    for (const auto* name : {"Their CA", "Our CA"}) {
      auto wrong = good;
      wrong.authority = write("other.pem", make_tls_authority(name, valid)->certificate);
      CHECK(refusal_of(wrong)
            == "[peer] tls_cert `" + good.certificate + "`: is not signed by the CA in `"
                   + wrong.authority + "`");
    }
    const auto alone = make_tls_authority("n1", valid).value();
    const auto refusal = refusal_of(
        {write("alone.pem", alone.certificate), write("alone-key.pem", alone.key), good.authority});
    CHECK(refusal
          == "[peer] tls_cert `" + folder.path() + "/alone.pem`: is not signed by the CA in `"
                 + good.authority + "`");
  }

  TEST_CASE_FIXTURE(files_of_a_node, "certificates count in their time only") {
    CHECK(refusal_of(good, now_s + 1'000)
          == "[peer] tls_cert `" + good.certificate + "`: certificate has expired (CN = n1)");
    CHECK(refusal_of(good, now_s - 1'001)
          == "[peer] tls_cert `" + good.certificate + "`: certificate is not yet valid (CN = n1)");
    CHECK(refusal_of(good, now_s + 999).empty());
    const auto longer = issue_tls_certificate(authority, "n1", {now_s, now_s + 20'000}).value();
    const tls_files outlives{write("longer.pem", longer.certificate),
                             write("longer-key.pem", longer.key), good.authority};
    CHECK(refusal_of(outlives, now_s + 10'000)
          == "[peer] tls_ca `" + good.authority + "`: certificate has expired (CN = Our CA)");
  }

  TEST_CASE_FIXTURE(files_of_a_node, "a node is client and server") {
    const auto serves = issue_tls_certificate(authority, "n1", valid, tls_purpose::server).value();
    const auto asks = issue_tls_certificate(authority, "n1", valid, tls_purpose::client).value();
    const tls_files only_serves{write("s.pem", serves.certificate), write("s-key.pem", serves.key),
                                good.authority};
    const tls_files only_asks{write("c.pem", asks.certificate), write("c-key.pem", asks.key),
                              good.authority};
    CHECK(refusal_of(only_serves)
          == "[peer] tls_cert `" + only_serves.certificate
                 + "`: may not serve as client; a node is both (extendedKeyUsage)");
    CHECK(refusal_of(only_asks)
          == "[peer] tls_cert `" + only_asks.certificate
                 + "`: may not serve as server; a node is both (extendedKeyUsage)");
  }

  TEST_CASE_FIXTURE(files_of_a_node, "only a CA with its key issues certificates") {
    CHECK(issue_tls_certificate(own, "n2", valid).error().code == errc::bad_config);
    CHECK(issue_tls_certificate({authority.certificate, own.key}, "n2", valid).error().code
          == errc::bad_config);
    CHECK(issue_tls_certificate({"nothing", "at all"}, "n2", valid).error().code
          == errc::bad_config);
  }

  TEST_CASE("TLS can be limited to version 1.3, more than once") {
    CHECK(require_tls_1_3().ok());
    CHECK(require_tls_1_3().ok());
  }
}
