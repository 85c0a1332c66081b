#include "core/storage/file_system.hpp"

#include <algorithm>

namespace grape::storage {

namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

/// Hands over the file piece by piece, as it was when it was opened.
template <class Use>
status read_through(const random_file& from, std::uint64_t bytes_max, Use use) {
  std::string piece;
  const auto end = std::min(from.size(), bytes_max);
  for (std::uint64_t at = 0; at < end;) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, end - at)));
    const auto got = from.read(at, piece.size(), piece.data());
    if (!got)
      return got.error();
    if (*got == 0)
      return {errc::io_error, "a file ends before its end"};
    piece.resize(*got);
    if (auto used = use(piece); !used.ok())
      return used;
    at += piece.size();
  }
  return {};
}

} // namespace

status random_file::read_in() const {
  return read_through(*this, size(), [](const std::string&) { return status{}; });
}

status file_system::link(const std::string& from, const std::string& to) {
  return copy_file(*this, from, to);
}

outcome<std::string> read_file(file_system& files, const std::string& path,
                               std::uint64_t bytes_max) {
  const auto file = files.open_random(path);
  if (!file)
    return file.error();
  std::string all;
  if (auto read = read_through(**file, bytes_max,
                               [&all](const std::string& piece) {
                                 all += piece;
                                 return status{};
                               });
      !read.ok())
    return read;
  return all;
}

status copy_file(file_system& files, const std::string& from, const std::string& to) {
  const auto source = files.open_random(from);
  if (!source)
    return source.error();
  const auto target = files.open_append(to);
  if (!target)
    return target.error();
  auto copied = read_through(**source, UINT64_MAX, [&target](const std::string& piece) {
    return (*target)->append(piece);
  });
  return copied.ok() ? (*target)->sync() : copied;
}

std::uint64_t bytes_below(file_system& files, const std::string& directory) {
  std::uint64_t sum = 0;
  const auto names = files.list(directory);
  if (!names)
    return 0;
  for (const auto& name : *names) {
    const auto path = directory + "/" + name;
    if (files.list(path))
      sum += bytes_below(files, path);
    else if (const auto size = files.size(path))
      sum += *size;
  }
  return sum;
}

} // namespace grape::storage
