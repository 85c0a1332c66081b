#include "core/storage/leveldb_records.hpp"

#include "core/codec/little_endian.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace grape::storage {

namespace {

// In blocks of 32 KiB lie parts of records: checksum (4), length (2), kind (1), bytes.
constexpr std::size_t block_size = 32'768;
constexpr std::size_t header_size = 7;

enum class part : unsigned char { whole = 1, first = 2, middle = 3, last = 4 };

/// Calls with every record that is there from its first part to its last.
void for_each_record(std::string_view file, const std::function<void(std::string_view)>& call) {
  std::string record;
  for (std::size_t at = 0; file.size() - at >= header_size;) {
    const auto in_block = block_size - at % block_size;
    if (in_block < header_size) {
      at += std::min(in_block, file.size() - at);
      continue;
    }
    const std::size_t length = codec::read_little<std::uint16_t>(file.data() + at + 4);
    const auto kind = static_cast<part>(file[at + 6]);
    const auto bytes = file.substr(at + header_size, length);
    if (kind == part::whole || kind == part::first)
      record.clear();
    record.append(bytes);
    if (kind == part::whole || kind == part::last)
      call(record);
    at = std::min(file.size(), at + header_size + length);
  }
}

/// Numbers of LevelDB's variable length, one after another.
class number_reader {
public:
  explicit number_reader(std::string_view from)
    : left_(from) {}

  bool more() const { return !left_.empty(); }

  /// Nothing from the first one on that makes no sense.
  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80)
        return value;
    }
    left_ = {};
    return std::nullopt;
  }

  void skip_numbers(int count) {
    for (; count > 0; --count)
      static_cast<void>(number());
  }

  void skip_text() {
    const auto length = number().value_or(0);
    left_.remove_prefix(std::min<std::size_t>(left_.size(), length));
  }

private:
  std::string_view left_;
};

/// The log number that one record of a manifest says, if it says one.
std::optional<std::uint64_t> log_in(std::string_view edit) {
  std::optional<std::uint64_t> found;
  number_reader in{edit};
  while (in.more()) {
    switch (in.number().value_or(0)) {
      case 1: in.skip_text(); break; // The order of keys.
      case 2: found = in.number(); break;
      case 3:                                                            // The next file,
      case 4:                                                            // the last write,
      case 9: in.skip_numbers(1); break;                                 // a log before.
      case 5: in.skip_numbers(1), in.skip_text(); break;                 // Where to compact next.
      case 6: in.skip_numbers(2); break;                                 // A table goes,
      case 7: in.skip_numbers(3), in.skip_text(), in.skip_text(); break; // or comes.
      default: return found;                                             // LevelDB refuses it.
    }
  }
  return found;
}

} // namespace

std::optional<written_range> writes_in(std::string_view log) {
  std::optional<written_range> all;
  for_each_record(log, [&all](std::string_view batch) {
    constexpr std::size_t number_and_count = 12;
    if (batch.size() < number_and_count)
      return;
    const auto number = codec::read_little<std::uint64_t>(batch.data());
    if (!all)
      all.emplace(written_range{number, number});
    all->end = number + codec::read_little<std::uint32_t>(batch.data() + 8);
  });
  return all;
}

outcome<std::uint64_t> oldest_log(std::string_view manifest) {
  std::optional<std::uint64_t> found;
  for_each_record(manifest, [&found](std::string_view edit) {
    if (const auto number = log_in(edit))
      found = number;
  });
  if (!found)
    return status{errc::corrupted, "does not say which log counts"};
  return *found;
}

} // namespace grape::storage
