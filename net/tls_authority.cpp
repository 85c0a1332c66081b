#include "net/tls_authority.hpp"

#include "net/tls_handles.hpp"

#include <openssl/err.h>
#include <openssl/rand.h>

#include <array>
#include <ctime>

namespace grape {

namespace {

using namespace tls;

status refused() {
  const char* words = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return {errc::internal,
          "cannot make a certificate: " + std::string{words == nullptr ? "no reason" : words}};
}

bool extend(X509* certificate, X509* issuer, int which, const char* value) {
  X509V3_CTX around;
  X509V3_set_ctx(&around, issuer, certificate, nullptr, nullptr, 0);
  const extension_ptr made{X509V3_EXT_conf_nid(nullptr, &around, which, value)};
  return made && X509_add_ext(certificate, made.get(), -1) == 1;
}

/// 63 random bits: serial numbers of one CA must differ.
bool number(X509* certificate) {
  std::array<unsigned char, 8> drawn{};
  if (RAND_bytes(drawn.data(), static_cast<int>(drawn.size())) != 1)
    return false;
  std::uint64_t serial = 0;
  for (const auto byte : drawn)
    serial = serial << 8 | byte;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1;
}

/// Everything of a certificate but who signs it.
certificate_ptr draft(EVP_PKEY* key, const std::string& name, tls_validity valid) {
  certificate_ptr made{X509_new()};
  if (!made || X509_set_version(made.get(), X509_VERSION_3) != 1 || !number(made.get())
      || X509_set_pubkey(made.get(), key) != 1
      || X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()),
                                    static_cast<int>(name.size()), -1, 0)
             != 1
      || ASN1_TIME_set(X509_getm_notBefore(made.get()), static_cast<std::time_t>(valid.from_s))
             == nullptr
      || ASN1_TIME_set(X509_getm_notAfter(made.get()), static_cast<std::time_t>(valid.to_s))
             == nullptr)
    return nullptr;
  return made;
}

outcome<tls_credentials> write(X509* certificate, EVP_PKEY* key) {
  const bio_ptr first{BIO_new(BIO_s_mem())};
  const bio_ptr second{BIO_new(BIO_s_mem())};
  if (!first || !second || PEM_write_bio_X509(first.get(), certificate) != 1
      || PEM_write_bio_PrivateKey(second.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return refused();
  const auto text_of = [](BIO* from) {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(from, &bytes);
    return std::string{bytes, static_cast<std::size_t>(size)};
  };
  return tls_credentials{text_of(first.get()), text_of(second.get())};
}

const char* usage_of(tls_purpose good_for) {
  switch (good_for) {
    case tls_purpose::client_and_server: return "clientAuth,serverAuth";
    case tls_purpose::client: return "clientAuth";
    case tls_purpose::server: return "serverAuth";
  }
  return "";
}

} // namespace

outcome<tls_credentials> make_tls_authority(const std::string& name, tls_validity valid) {
  const key_ptr key{EVP_EC_gen("P-256")};
  const auto made = key ? draft(key.get(), name, valid) : nullptr;
  if (!made || X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) != 1
      || !extend(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE")
      || !extend(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign")
      || !extend(made.get(), made.get(), NID_subject_key_identifier, "hash")
      || X509_sign(made.get(), key.get(), EVP_sha256()) == 0)
    return refused();
  return write(made.get(), key.get());
}

outcome<tls_credentials> issue_tls_certificate(const tls_credentials& authority,
                                               const std::string& name, tls_validity valid,
                                               tls_purpose good_for) {
  const bio_ptr first{BIO_new_mem_buf(authority.certificate.data(),
                                      static_cast<int>(authority.certificate.size()))};
  const bio_ptr second{
      BIO_new_mem_buf(authority.key.data(), static_cast<int>(authority.key.size()))};
  const certificate_ptr issuer{PEM_read_bio_X509(first.get(), nullptr, nullptr, nullptr)};
  const key_ptr signing{PEM_read_bio_PrivateKey(second.get(), nullptr, nullptr, nullptr)};
  if (!issuer || !signing || X509_check_private_key(issuer.get(), signing.get()) != 1
      || X509_check_ca(issuer.get()) == 0) {
    ERR_clear_error();
    return status{errc::bad_config, "this is not the certificate of a CA together with its key"};
  }
  const key_ptr key{EVP_EC_gen("P-256")};
  const auto made = key ? draft(key.get(), name, valid) : nullptr;
  if (!made || X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get())) != 1
      || !extend(made.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE")
      || !extend(made.get(), issuer.get(), NID_key_usage, "critical,digitalSignature")
      || !extend(made.get(), issuer.get(), NID_ext_key_usage, usage_of(good_for))
      || !extend(made.get(), issuer.get(), NID_authority_key_identifier, "keyid")
      || X509_sign(made.get(), signing.get(), EVP_sha256()) == 0)
    return refused();
  return write(made.get(), key.get());
}

} // namespace grape
