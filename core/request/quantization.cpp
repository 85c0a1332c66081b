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

/// The configuration that counts for the field; null: none.
const payload::value* config_of(const collection_options& options, const vector_field& field) {
  if (const auto* own = field.echoed.find("quantization_config"); own != nullptr && !own->is_null())
    return own;
  return options.quantization ? &*options.quantization : nullptr;
}

} // namespace

std::optional<coding> wanted_code(const collection_options& options, const vector_field& field) {
  const auto* config = config_of(options, field);
  return config != nullptr ? code_of(*config) : std::nullopt;
}

std::optional<double> wanted_quantile(const collection_options& options,
                                      const vector_field& field) {
  const auto* config = config_of(options, field);
  const auto* kinds = config != nullptr ? config->as_object() : nullptr;
  const auto* scalar = kinds != nullptr ? kinds->find("scalar") : nullptr;
  const auto* settings = scalar != nullptr ? scalar->as_object() : nullptr;
  const auto* quantile = settings != nullptr ? settings->find("quantile") : nullptr;
  return quantile != nullptr && quantile->is_number() ? std::optional{quantile->number()}
                                                      : std::nullopt;
}

bool codes_stay_on_disk(const collection_options& options, const vector_field& field) {
  const auto* config = config_of(options, field);
  if (config == nullptr || !code_of(*config))
    return false;
  const auto& settings = config->as_object()->begin()->second;
  if (const auto memory = text_of(settings, "memory", ""); !memory.empty())
    return memory == "cold";
  const auto is_true = [](const payload::value* given) {
    return given != nullptr && *given == payload::value{true};
  };
  const auto* own = settings.as_object();
  const auto* place = field.echoed.find("memory");
  const auto vectors_on_disk
    = place != nullptr ? *place == payload::value{"cold"} : is_true(field.echoed.find("on_disk"));
  return vectors_on_disk && (own == nullptr || !is_true(own->find("always_ram")));
}

} // namespace grape
