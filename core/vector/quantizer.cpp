#include "core/vector/quantizer.hpp"

#include "core/vector/quantizer_bfloat16.hpp"
#include "core/vector/quantizer_bits.hpp"
#include "core/vector/quantizer_int4.hpp"
#include "core/vector/quantizer_int8.hpp"
#include "core/vector/quantizer_product.hpp"

#include <algorithm>
#include <cmath>

namespace grape {

std::string_view to_string(coding kind) noexcept {
  switch (kind) {
    case coding::floats: return "floats";
    case coding::int8: return "int8";
    case coding::int4: return "int4";
    case coding::bits: return "bits";
    case coding::bfloat16: return "bfloat16";
    case coding::product: return "product";
  }
  return "unknown";
}

std::shared_ptr<const quantizer> learn_quantizer(coding code, metric kind, std::size_t dimension,
                                                 std::size_t rows,
                                                 const quantizer::row_source& row_at,
                                                 std::optional<double> quantile) {
  switch (code) {
    case coding::floats: return nullptr;
    case coding::int8:
      return std::make_shared<quantizer_int8>(quantizer_int8::learn(
        kind, dimension, rows, row_at, quantile.value_or(quantizer_int8::kept_share)));
    case coding::int4: return quantizer_int4::learn(kind, dimension, rows, row_at);
    case coding::bits: return quantizer_bits::learn(kind, dimension, rows, row_at);
    case coding::bfloat16: return std::make_shared<quantizer_bfloat16>(kind, dimension);
    case coding::product: return quantizer_product::learn(kind, dimension, rows, row_at);
  }
  return nullptr;
}

std::size_t table_size(coding code, std::size_t dimension, std::uint16_t group) noexcept {
  switch (code) {
    case coding::floats:
    case coding::bfloat16: return 0;
    case coding::int8:
    case coding::int4:
    case coding::bits: return dimension;
    case coding::product:
      return group == 0 ? 0 : quantizer_product::table_size_for(dimension, group);
  }
  return 0;
}

std::size_t stride_of(coding code, metric kind, std::size_t dimension,
                      std::uint16_t group) noexcept {
  switch (code) {
    case coding::floats: return 0;
    case coding::int8: return quantizer_int8::stride_for(kind, dimension);
    case coding::int4: return quantizer_int4::stride_for(kind, dimension);
    case coding::bits: return quantizer_bits::stride_for(dimension);
    case coding::bfloat16: return quantizer_bfloat16::stride_for(dimension);
    case coding::product: return quantizer_product::stride_for(dimension, group);
  }
  return 0;
}

std::uint16_t group_of(coding code, std::size_t dimension) noexcept {
  return code == coding::product ? quantizer_product::group_for(dimension) : std::uint16_t{0};
}

std::shared_ptr<const quantizer> make_quantizer(quantizer_parts parts) {
  const auto scaled = parts.code == coding::int8 || parts.code == coding::int4;
  const auto grouped = parts.code == coding::product;
  const auto finite =
      std::all_of(parts.table.begin(), parts.table.end(), [](float x) { return std::isfinite(x); });
  if (!supports(parts.kind, parts.code) || !finite || grouped != (parts.group != 0)
      || (scaled && !(std::isnormal(parts.scale) && parts.scale > 0)) || parts.dimension == 0
      || parts.table.size() != table_size(parts.code, parts.dimension, parts.group))
    return nullptr;
  switch (parts.code) {
    case coding::floats: return nullptr;
    case coding::int8:
      return std::make_shared<quantizer_int8>(parts.kind, parts.scale, std::move(parts.table));
    case coding::int4:
      return std::make_shared<quantizer_int4>(parts.kind, parts.scale, std::move(parts.table));
    case coding::bits: return std::make_shared<quantizer_bits>(parts.kind, std::move(parts.table));
    case coding::bfloat16: return std::make_shared<quantizer_bfloat16>(parts.kind, parts.dimension);
    case coding::product:
      return std::make_shared<quantizer_product>(parts.kind, parts.dimension, parts.group,
                                                 std::move(parts.table));
  }
  return nullptr;
}

} // namespace grape
