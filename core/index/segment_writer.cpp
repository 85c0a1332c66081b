#include "core/codec/crc32c.hpp"
#include "core/index/segment_file.hpp"
#include "core/index/segment_layout.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace grape::index {

namespace {

template <class T>
std::string bytes_of(const T* values, std::size_t count) {
  std::string bytes(static_cast<std::size_t>(padded_to_block(count * sizeof(T))), '\0');
  if (count > 0)
    std::memcpy(bytes.data(), values, count * sizeof(T));
  return bytes;
}

std::string packed(const std::vector<point_id>& ids) {
  std::string bytes(static_cast<std::size_t>(padded_to_block(ids.size() * id_bytes)), '\0');
  auto* at = bytes.data();
  for (const auto& id : ids) {
    *at = id.is_number() ? 0 : 1;
    if (id.is_number()) {
      const auto number = id.number();
      std::memcpy(at + 1, &number, sizeof number);
    } else {
      std::memcpy(at + 1, id.name().bytes.data(), id.name().bytes.size());
    }
    at += id_bytes;
  }
  return bytes;
}

/// The blocks of a segment one after another; large arrays are lent out, not copied.
class block_source {
public:
  explicit block_source(const segment_content& content) : content_(content) {
  }

  /// Valid until the next call.
  std::string_view bytes(segment_block which) {
    const auto& links = content_.links;
    switch (which) {
      case segment_block::means:
        return content_.quantizer ? keep(content_.quantizer->table()) : std::string_view{};
      case segment_block::ids: kept_ = packed(content_.ids); return kept_;
      case segment_block::versions: return keep(content_.vector_versions);
      case segment_block::levels: return keep(links.levels);
      case segment_block::links0: return lent(links.links0);
      case segment_block::upper: return keep(links.upper);
      case segment_block::codes: return lent_or_kept(content_.codes);
      case segment_block::vectors: return lent_or_kept(content_.vectors);
    }
    return {};
  }

private:
  template <class Range>
  std::string_view keep(const Range& values) {
    kept_ = bytes_of(values.data(), values.size());
    return kept_;
  }

  template <class T>
  std::string_view lent(const hot_array<T>& array) const {
    return {reinterpret_cast<const char*>(array.data()), array.size() == 0 ? 0 : array.bytes()};
  }

  std::string_view lent_or_kept(const row_bytes& bytes) {
    return bytes.own() != nullptr ? lent(*bytes.own()) : keep(bytes);
  }

  const segment_content& content_;
  std::string kept_;
};

std::string header_of(const segment_content& content, block_source& blocks) {
  segment_header header{
    .version = version_of(content.code(), content.form),
    .id = content.id.value,
    .dimension = content.dimension,
    .rows = content.rows(),
    .m = content.links.m,
    .entry = content.links.entry,
    .level_max = content.links.level_max,
    .metric = static_cast<std::uint8_t>(content.distance),
    .coding = static_cast<std::uint8_t>(content.code()),
    .group = content.quantizer ? content.quantizer->group() : std::uint16_t{0},
    .scale = content.quantizer ? content.quantizer->scale() : 0.0f,
    .file_bytes = header_bytes,
  };
  block_table table{};
  for (std::size_t i = 0; i < block_count; ++i) {
    const auto bytes = blocks.bytes(static_cast<segment_block>(i));
    table[i].bytes = bytes.size();
    table[i].crc = codec::crc32c(bytes);
    header.file_bytes += bytes.size();
  }
  std::string bytes(header_bytes, '\0');
  std::memcpy(bytes.data(), segment_magic.data(), segment_magic.size());
  std::memcpy(bytes.data() + segment_magic.size(), &header, sizeof header);
  std::memcpy(bytes.data() + block_table_at, table.data(), sizeof table);
  bytes[form_at] = static_cast<char>(content.form);
  const auto crc = codec::crc32c(std::string_view(bytes).substr(0, header_crc_at));
  std::memcpy(bytes.data() + header_crc_at, &crc, sizeof crc);
  return bytes;
}

status append_all(storage::append_file& file, const segment_content& content) {
  block_source blocks(content);
  if (auto done = file.append(header_of(content, blocks)); !done.ok())
    return done;
  for (std::size_t i = 0; i < block_count; ++i)
    if (auto done = file.append(blocks.bytes(static_cast<segment_block>(i))); !done.ok())
      return done;
  return file.sync();
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

status write_temporary(storage::file_system& files, const std::string& path,
                       const segment_content& content) {
  if (files.exists(path)) // Left behind by a crash.
    if (auto done = files.remove(path); !done.ok())
      return done;
  auto file = files.open_append(path);
  if (!file)
    return std::move(file).error();
  return append_all(**file, content);
}

} // namespace

status write_segment(storage::file_system& files, const std::string& path,
                     const segment_content& content) {
  const auto temporary = path + ".tmp";
  if (auto done = write_temporary(files, temporary, content); !done.ok()) {
    static_cast<void>(files.remove(temporary)); // The first error is the one worth telling.
    return done;
  }
  if (auto done = files.rename(temporary, path); !done.ok())
    return done;
  return files.sync_directory(folder_of(path));
}

void reseal_segment(std::string& file) {
  if (file.size() < header_bytes)
    return;
  block_table table;
  std::memcpy(table.data(), file.data() + block_table_at, sizeof table);
  std::uint64_t at = header_bytes;
  for (auto& block : table) {
    if (block.bytes > file.size() - at)
      break;
    block.crc = codec::crc32c(std::string_view(file).substr(at, block.bytes));
    at += block.bytes;
  }
  std::memcpy(file.data() + block_table_at, table.data(), sizeof table);
  const auto crc = codec::crc32c(std::string_view(file).substr(0, header_crc_at));
  std::memcpy(file.data() + header_crc_at, &crc, sizeof crc);
}

} // namespace grape::index
