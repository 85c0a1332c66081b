#include "core/request/warnings.hpp"

#include "core/request/quantization.hpp"

namespace grape {

namespace {

bool wants_inline_storage(const hnsw_options& of) {
  const auto* given = of.echoed.find("inline_storage");
  return given != nullptr && *given == payload::value{true};
}

} // namespace

std::vector<std::string> warnings_about(const collection_options& options) {
  std::vector<std::string> warnings;
  for (const auto& [name, field] : options.vectors) {
    const auto own = field.hnsw && field.hnsw->echoed.find("inline_storage") != nullptr;
    if (!wants_inline_storage(own ? *field.hnsw : options.hnsw))
      continue;
    if (field.multi)
      warnings.push_back("vector `" + name + "`: inline_storage has no effect on multivectors");
    else if (!wanted_code(options, field))
      warnings.push_back("vector `" + name
                         + "`: inline_storage has no effect without quantization");
  }
  return warnings;
}

} // namespace grape
