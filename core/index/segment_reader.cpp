#include "core/codec/crc32c.hpp"
#include "core/index/segment_file.hpp"
#include "core/index/segment_layout.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <string_view>

namespace grape::index {

namespace {

constexpr std::uint32_t dimension_max = 65'536;
constexpr std::uint32_t m_max = 2'000;

/// Reads one file front to back, trusting nothing in it.
class segment_reader {
public:
  segment_reader(std::unique_ptr<storage::random_file> file, const std::string& path,
                 code_place codes)
    : file_(std::move(file))
    , mapped_(file_->map())
    , path_(path)
    , code_place_(codes) {
  }

  outcome<segment_content> read() {
    if (auto done = read_header(); !done.ok())
      return done;
    if (auto done = read_means(); !done.ok())
      return done;
    if (auto done = read_ids(); !done.ok())
      return done;
    if (auto done = read_plain(segment_block::versions, content_.vector_versions, header_.rows);
        !done.ok())
      return done;
    if (auto done = read_graph(); !done.ok())
      return done;
    if (auto done = read_codes(); !done.ok())
      return done;
    if (auto done = read_vectors(); !done.ok())
      return done;
    if (at_ != header_.file_bytes)
      return damaged("header", "the blocks do not fill the file");
    // It was verified front to back. What a walk finds lies anywhere; a scan goes on as before.
    if (header_.m > 0)
      file_->expect_scattered_reads();
    content_.mapped = std::move(file_);
    return std::move(content_);
  }

private:
  status damaged(std::string_view block, std::string_view why) const {
    return {errc::corrupted,
            "segment file " + path_ + ": block " + std::string(block) + ": " + std::string(why)};
  }

  status read_at(std::uint64_t offset, std::size_t count, char* to) const {
    if (!mapped_.empty()) {
      std::copy_n(mapped_.data() + offset, count, to); // Of nothing, `to` may be null.
      return {};
    }
    const auto got = file_->read(offset, count, to);
    if (!got)
      return got.error();
    return *got == count ? status{} : damaged("header", "the file is too short");
  }

  status read_header() {
    const auto size = file_->size();
    if (size < header_bytes || (!mapped_.empty() && mapped_.size() != size))
      return damaged("header", "the file is too short");
    char bytes[header_bytes];
    if (auto done = read_at(0, sizeof bytes, bytes); !done.ok())
      return done;
    std::uint32_t crc;
    std::memcpy(&crc, bytes + header_crc_at, sizeof crc);
    if (std::string_view(bytes, segment_magic.size()) != segment_magic)
      return damaged("header", "it does not begin like a segment file");
    if (codec::crc32c({bytes, header_crc_at}) != crc)
      return damaged("header", "the checksum is wrong");
    std::memcpy(&header_, bytes + segment_magic.size(), sizeof header_);
    std::memcpy(table_.data(), bytes + block_table_at, sizeof table_);
    form_ = static_cast<std::uint8_t>(bytes[form_at]);
    if (header_.version == 0 || header_.version > segment_version)
      return {errc::wrong_version, "segment file " + path_ + ": version "
                                     + std::to_string(header_.version) + ", not 1 to "
                                     + std::to_string(segment_version)};
    return check_header(size);
  }

  coding code() const noexcept { return static_cast<coding>(header_.coding); }

  status check_header(std::uint64_t size) {
    if (header_.bytes != header_bytes)
      return damaged("header", "a field is wrong");
    if (header_.file_bytes != size)
      return damaged("header", "the file does not have the length it should have");
    if (header_.rows == 0 || header_.rows > rows_max || header_.dimension == 0
        || header_.dimension > dimension_max || header_.m > m_max || header_.m == 1)
      return damaged("header", "a size is out of range");
    if (header_.metric > static_cast<std::uint8_t>(metric::manhattan)
        || header_.coding > static_cast<std::uint8_t>(coding::product)
        || form_ > static_cast<std::uint8_t>(last_row_form)
        || header_.version < version_of(code(), static_cast<row_form>(form_)))
      return damaged("header", "unknown metric, coding or form of rows");
    if (static_cast<row_form>(form_) == row_form::unit_uint8
        && header_.metric != static_cast<std::uint8_t>(metric::cosine))
      return damaged("header", "rows of length 1 for another metric");
    if ((header_.group != 0) != (code() == coding::product) || header_.group > header_.dimension)
      return damaged("header", "the groups make no sense");
    if (header_.m == 0 && (header_.entry != 0 || header_.level_max != 0 || header_.coding != 0))
      return damaged("header", "it speaks of a graph that is not there");
    content_.id = segment_id{header_.id};
    content_.distance = static_cast<metric>(header_.metric);
    content_.dimension = header_.dimension;
    content_.form = static_cast<row_form>(form_);
    content_.links.rows = header_.rows;
    content_.links.m = header_.m;
    content_.links.entry = header_.entry;
    content_.links.level_max = header_.level_max;
    return {};
  }

  /// Moves on to the next block, which must hold `bytes`; reads all of it, padding included, to
  /// `to` and verifies it. `to` has room for the padding.
  status read_block(segment_block which, std::uint64_t bytes, char* to) {
    const auto start = at_;
    if (auto done = claim(which, bytes); !done.ok())
      return done;
    const auto count = static_cast<std::size_t>(at_ - start);
    if (auto done = read_at(start, count, to); !done.ok())
      return done;
    return verify(which, {to, count});
  }

  /// Checks a block's size against the table and the file, and steps over it.
  status claim(segment_block which, std::uint64_t bytes) {
    const auto& entry = table_[static_cast<std::size_t>(which)];
    if (entry.bytes != padded_to_block(bytes) || entry.zero != 0)
      return damaged(name(which), "its size does not fit the header");
    if (entry.bytes > header_.file_bytes - at_)
      return damaged(name(which), "the file is too short");
    at_ += entry.bytes;
    return {};
  }

  status verify(segment_block which, std::string_view bytes) const {
    if (codec::crc32c(bytes) != table_[static_cast<std::size_t>(which)].crc)
      return damaged(name(which), "the checksum is wrong");
    return {};
  }

  static std::string_view name(segment_block which) noexcept {
    return block_names[static_cast<std::size_t>(which)];
  }

  /// True if the block's declared size is right and the file has that many bytes left. Asked
  /// before memory is allocated for it.
  bool plausible(segment_block which, std::uint64_t bytes) const noexcept {
    return table_[static_cast<std::size_t>(which)].bytes == padded_to_block(bytes)
           && padded_to_block(bytes) <= header_.file_bytes - at_;
  }

  template <class T>
  status read_plain(segment_block which, std::vector<T>& to, std::uint64_t count) {
    if (!plausible(which, count * sizeof(T)))
      return damaged(name(which), "its size does not fit the header");
    const auto padded = padded_to_block(count * sizeof(T));
    to.resize(static_cast<std::size_t>(padded / sizeof(T)));
    auto done = read_block(which, count * sizeof(T), reinterpret_cast<char*>(to.data()));
    to.resize(static_cast<std::size_t>(count));
    return done;
  }

  template <class T>
  status read_hot(segment_block which, hot_array<T>& to, std::uint64_t count) {
    if (!plausible(which, count * sizeof(T)))
      return damaged(name(which), "its size does not fit the header");
    to = hot_array<T>(static_cast<std::size_t>(count));
    return read_block(which, count * sizeof(T), reinterpret_cast<char*>(to.data()));
  }

  status read_means() {
    std::vector<float> table;
    const auto count = table_size(code(), header_.dimension, header_.group);
    if (auto done = read_plain(segment_block::means, table, count); !done.ok())
      return done;
    if (code() == coding::floats)
      return {};
    content_.quantizer = make_quantizer({code(), content_.distance, header_.dimension,
                                         header_.scale, header_.group, std::move(table)});
    return content_.quantizer ? status{} : damaged("means", "they make no quantizer");
  }

  status read_ids() {
    std::vector<char> packed;
    if (auto done = read_plain(segment_block::ids, packed, std::uint64_t{header_.rows} * id_bytes);
        !done.ok())
      return done;
    content_.ids.reserve(header_.rows);
    for (const auto* at = packed.data(); at != packed.data() + packed.size(); at += id_bytes) {
      std::uint64_t number;
      uuid text;
      std::memcpy(&number, at + 1, sizeof number);
      std::memcpy(text.bytes.data(), at + 1, text.bytes.size());
      if (*at != 0 && *at != 1)
        return damaged("ids", "unknown kind of id");
      content_.ids.push_back(*at == 0 ? point_id{number} : point_id{text});
    }
    return {};
  }

  status read_graph() {
    auto& links = content_.links;
    const auto rows = std::uint64_t{links.m == 0 ? 0 : header_.rows};
    if (auto done = read_plain(segment_block::levels, links.levels, rows); !done.ok())
      return done;
    if (auto done = read_hot(segment_block::links0, links.links0, rows * links.width0());
        !done.ok())
      return done;
    const auto uppers = upper_size(links.levels, links.m);
    if (uppers > 0xffff'ffffu)
      return damaged("levels", "too many upper levels");
    if (auto done = read_plain(segment_block::upper, links.upper, uppers); !done.ok())
      return done;
    if (links.m == 0)
      return {};
    index_upper_levels(links);
    const auto sound = check_graph(links);
    return sound.ok() ? sound : damaged("links", sound.detail);
  }

  status read_codes() {
    const auto stride = content_.quantizer ? content_.quantizer->stride() : 0;
    return read_rows(segment_block::codes, content_.codes, std::uint64_t{header_.rows} * stride,
                     code_place_ == code_place::file);
  }

  status read_vectors() {
    // A walk over the vectors themselves jumps about in them: then they, too, are kept hot.
    const auto walked = content_.links.m > 0 && !content_.quantizer;
    return read_rows(segment_block::vectors, content_.vectors,
                     header_.rows * std::uint64_t{content_.layout().bytes()}, !walked);
  }

  /// Leaves them where they are mapped, if they may be and are; else copies them.
  status read_rows(segment_block which, row_bytes& to, std::uint64_t count, bool may_be_mapped) {
    const auto* mapped = mapped_.empty() ? nullptr : mapped_.data() + at_;
    const auto aligned = reinterpret_cast<std::uintptr_t>(mapped) % alignof(float) == 0;
    if (mapped == nullptr || !aligned || !may_be_mapped) {
      hot_array<std::uint8_t> own;
      const auto done = read_hot(which, own, count);
      to = row_bytes(std::move(own));
      return done;
    }
    if (auto done = claim(which, count); !done.ok())
      return done;
    const auto size = static_cast<std::size_t>(count);
    if (auto done = verify(which, {mapped, static_cast<std::size_t>(padded_to_block(count))});
        !done.ok())
      return done;
    to = row_bytes(std::span(reinterpret_cast<const std::uint8_t*>(mapped), size));
    return {};
  }

  std::unique_ptr<storage::random_file> file_;
  std::string_view mapped_;
  const std::string& path_;
  code_place code_place_;
  segment_header header_;
  block_table table_{};
  std::uint8_t form_ = 0;
  std::uint64_t at_ = header_bytes; ///< Where the next block begins.
  segment_content content_;
};

} // namespace

outcome<segment_content> read_segment(storage::file_system& files, const std::string& path,
                                      code_place codes) {
  auto file = files.open_random(path);
  if (!file)
    return std::move(file).error();
  try {
    return segment_reader(std::move(*file), path, codes).read();
  } catch (const std::bad_alloc&) {
    return status{errc::no_space, "segment file " + path + ": not enough memory to load it"};
  }
}

} // namespace grape::index
