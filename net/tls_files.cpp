#include "net/tls_files.hpp"

#include "net/tls_handles.hpp"

#include <openssl/err.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <string_view>

namespace grape {

namespace {

using namespace tls;

status flaw(const char* setting, const std::string& path, const std::string& why) {
  return {errc::bad_config, "[peer] " + std::string{setting} + " `" + path + "`: " + why};
}

/// Of the last call that failed; later ones start with an empty slate.
std::string openssl_words() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* words = code == 0 ? nullptr : ERR_reason_error_string(code);
  return words == nullptr ? "no reason given" : words;
}

outcome<bio_ptr> open(const char* setting, const std::string& path) {
  errno = 0;
  bio_ptr opened{BIO_new_file(path.c_str(), "r")};
  if (opened)
    return opened;
  const auto why = errno == 0 ? "cannot be read" : std::strerror(errno);
  ERR_clear_error();
  return flaw(setting, path, why);
}

/// All certificates of a file, at least one.
outcome<chain_ptr> read_certificates(const char* setting, const std::string& path) {
  const auto file = open(setting, path);
  if (!file)
    return file.error();
  chain_ptr all{sk_X509_new_null()};
  while (X509* one = PEM_read_bio_X509(file->get(), nullptr, nullptr, nullptr))
    sk_X509_push(all.get(), one);
  const auto ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const auto words = openssl_words();
  if (!ended)
    return flaw(setting, path, "holds a damaged certificate (" + words + ")");
  if (sk_X509_num(all.get()) == 0)
    return flaw(setting, path, "holds no certificate in PEM");
  return all;
}

/// Nobody is there to type a password.
int no_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 0;
}

outcome<key_ptr> read_key(const std::string& path) {
  const auto file = open("tls_key", path);
  if (!file)
    return file.error();
  bool is_encrypted = false;
  key_ptr key{PEM_read_bio_PrivateKey(file->get(), nullptr, no_password, &is_encrypted)};
  const auto words = openssl_words();
  if (is_encrypted)
    return flaw("tls_key", path, "is encrypted; a node has nobody to ask for the password");
  if (!key)
    return flaw("tls_key", path, "holds no private key in PEM (" + words + ")");
  return key;
}

std::string name_of(X509* certificate) {
  const bio_ptr text{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

/// One verification as the other side of a connection will do it.
status verify(const tls_files& files, X509_STORE* trusted, STACK_OF(X509) * chain, int purpose,
              int level, std::int64_t now_s) {
  const verification_ptr one{X509_STORE_CTX_new()};
  auto* own = sk_X509_value(chain, 0);
  if (!one || X509_STORE_CTX_init(one.get(), trusted, own, chain) != 1)
    return flaw("tls_cert", files.certificate, openssl_words());
  auto* how = X509_STORE_CTX_get0_param(one.get());
  X509_VERIFY_PARAM_set_time(how, static_cast<std::time_t>(now_s));
  X509_VERIFY_PARAM_set_purpose(how, purpose);
  X509_VERIFY_PARAM_set_auth_level(how, level);
  if (X509_verify_cert(one.get()) == 1)
    return {};
  const auto error = X509_STORE_CTX_get_error(one.get());
  auto* which = X509_STORE_CTX_get_current_cert(one.get());
  ERR_clear_error();
  const auto is_own = which == nullptr || X509_cmp(which, own) == 0;
  const auto* setting = is_own ? "tls_cert" : "tls_ca";
  const auto& path = is_own ? files.certificate : files.authority;
  if (error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
      || error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE
      || error == X509_V_ERR_CERT_SIGNATURE_FAILURE
      || error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT)
    return flaw("tls_cert", files.certificate,
                "is not signed by the CA in `" + files.authority + "`");
  if (error == X509_V_ERR_INVALID_PURPOSE)
    return flaw(setting, path,
                std::string{"may not serve as "}
                    + (purpose == X509_PURPOSE_SSL_CLIENT ? "client" : "server")
                    + "; a node is both (extendedKeyUsage)");
  return flaw(setting, path,
              std::string{X509_verify_cert_error_string(error)} + " ("
                  + (which == nullptr ? "?" : name_of(which)) + ")");
}

/// The last word: what the library says that will use the files.
outcome<int> load(const tls_files& files) {
  const context_ptr context{SSL_CTX_new(TLS_method())};
  if (!context)
    return status{errc::internal, "TLS cannot be used: " + openssl_words()};
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    return flaw("tls_cert", files.certificate, openssl_words());
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return flaw("tls_key", files.key, openssl_words());
  if (SSL_CTX_load_verify_locations(context.get(), files.authority.c_str(), nullptr) != 1)
    return flaw("tls_ca", files.authority, openssl_words());
  return SSL_CTX_get_security_level(context.get());
}

} // namespace

status check_tls_files(const tls_files& files, std::int64_t now_s) {
  ERR_clear_error();
  const auto chain = read_certificates("tls_cert", files.certificate);
  if (!chain)
    return chain.error();
  const auto key = read_key(files.key);
  if (!key)
    return key.error();
  const auto authorities = read_certificates("tls_ca", files.authority);
  if (!authorities)
    return authorities.error();
  if (X509_check_private_key(sk_X509_value(chain->get(), 0), key->get()) != 1) {
    ERR_clear_error();
    return flaw("tls_key", files.key,
                "does not belong to the certificate in `" + files.certificate + "`");
  }
  const auto level = load(files);
  if (!level)
    return level.error();
  const store_ptr trusted{X509_STORE_new()};
  for (int i = 0; i < sk_X509_num(authorities->get()); ++i)
    X509_STORE_add_cert(trusted.get(), sk_X509_value(authorities->get(), i));
  for (const auto purpose : {X509_PURPOSE_SSL_SERVER, X509_PURPOSE_SSL_CLIENT})
    if (const auto good = verify(files, trusted.get(), chain->get(), purpose, *level, now_s);
        !good.ok())
      return good;
  return {};
}

status require_tls_1_3() {
  static constexpr std::string_view text = "openssl_conf = grape\n"
                                           "[grape]\nssl_conf = grape_tls\n"
                                           "[grape_tls]\nsystem_default = grape_tls_default\n"
                                           "[grape_tls_default]\nMinProtocol = TLSv1.3\n";
  // The system's own file is read once, and would count if it were read after this.
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, nullptr);
  const config_ptr wanted{NCONF_new(nullptr)};
  const bio_ptr bytes{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  ERR_clear_error();
  if (!wanted || !bytes || NCONF_load_bio(wanted.get(), bytes.get(), nullptr) != 1
      || CONF_modules_load(wanted.get(), nullptr, 0) <= 0)
    return {errc::internal, "TLS cannot be limited to version 1.3: " + openssl_words()};
  // Only what a connection would get is proof.
  const context_ptr context{SSL_CTX_new(TLS_method())};
  if (!context || SSL_CTX_get_min_proto_version(context.get()) != TLS1_3_VERSION)
    return {errc::internal, "TLS cannot be limited to version 1.3 by OpenSSL's configuration"};
  return {};
}

} // namespace grape
