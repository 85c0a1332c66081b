#include "core/codec/sha256.hpp"

#include "core/check.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace grape::codec {

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  std::array<std::uint8_t, 32> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

struct sha256_stream::state {
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

sha256_stream::sha256_stream()
  : state_(std::make_unique<state>()) {
  GRAPE_CHECK(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1);
}

sha256_stream::~sha256_stream() = default;
sha256_stream::sha256_stream(sha256_stream&&) noexcept = default;
sha256_stream& sha256_stream::operator=(sha256_stream&&) noexcept = default;

void sha256_stream::add(std::string_view bytes) {
  GRAPE_CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

std::string sha256_stream::digest() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, 32> raw{};
  GRAPE_CHECK(EVP_DigestFinal_ex(state_->context.get(), raw.data(), nullptr) == 1);
  std::string text;
  for (const auto byte : raw) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

} // namespace grape::codec
