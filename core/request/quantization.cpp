#include "core/request/quantization.hpp"

#include <string_view>

namespace grape {

namespace {

/// The text under `key`, or `otherwise`.
std::string_view text_of(const payload::value& config, std::string_view key,
                         std::string_view otherwise) {
  const auto* object = config.as_object();
  const auto* found = object != nullptr ? object->find(key) : nullptr;
  const auto* text = found != nullptr ? found->as_string() : nullptr;
  return text != nullptr ? std::string_view{*text} : otherwise;
}

std::optional<coding> code_of(const payload::value& config) {
  const auto* kinds = config.as_object();
  if (kinds == nullptr)
    return std::nullopt; // "Disabled", or null.
  if (kinds->find("scalar") != nullptr)
    return coding::int8;
  if (const auto* product = kinds->find("product")) {
    const auto compression = text_of(*product, "compression", "x4");
    return compression == "x4"   ? coding::int8
           : compression == "x8" ? coding::int4
                                 : coding::product;
  }
  if (const auto* binary = kinds->find("binary"))
    return text_of(*binary, "encoding", "one_bit") == "one_bit" ? coding::bits : coding::int4;
  if (const auto* turbo = kinds->find("turbo"))
    return text_of(*turbo, "bits", "bits4") == "bits1" ? coding::bits : coding::int4;
  return std::nullopt;
}

} // namespace

std::optional<coding> wanted_code(const collection_options& options, const vector_field& field) {
  if (const auto* own = field.echoed.find("quantization_config"); own != nullptr && !own->is_null())
    return code_of(*own);
  return options.quantization ? code_of(*options.quantization) : std::nullopt;
}

} // namespace grape
