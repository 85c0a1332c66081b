#include "tools/bench/vector_files.hpp"

#include <algorithm>
#include <fstream>

namespace grape::bench {

namespace {

constexpr std::int32_t width_max = 65'536;

template <class T>
outcome<matrix<T>> read_rows(const std::string& path, std::size_t rows_max) {
  static_assert(sizeof(T) == sizeof(std::int32_t));
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return status{errc::not_found, "cannot open " + path};
  matrix<T> read;
  std::int32_t width = 0;
  while (read.rows() < rows_max && file.read(reinterpret_cast<char*>(&width), sizeof width)) {
    if (width < 1 || width > width_max
        || (read.width != 0 && read.width != static_cast<std::size_t>(width)))
      return status{errc::corrupted, path + ": row " + std::to_string(read.rows())
                                       + " has another length than the first"};
    read.width = static_cast<std::size_t>(width);
    read.values.resize(read.values.size() + read.width);
    auto* row = read.values.data() + read.values.size() - read.width;
    const auto bytes = static_cast<std::streamsize>(read.width * sizeof(T));
    if (!file.read(reinterpret_cast<char*>(row), bytes))
      return status{errc::corrupted, path + ": the last row is incomplete"};
  }
  if (read.rows() < rows_max && file.gcount() != 0)
    return status{errc::corrupted, path + ": the last row is incomplete"};
  if (read.width == 0)
    return status{errc::corrupted, path + ": no rows"};
  return read;
}

template <class T>
status write_rows(const std::string& path, const matrix<T>& rows) {
  std::ofstream file(path, std::ios::binary);
  const auto width = static_cast<std::int32_t>(rows.width);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    file.write(reinterpret_cast<const char*>(&width), sizeof width);
    file.write(reinterpret_cast<const char*>(rows.row(i)),
               static_cast<std::streamsize>(rows.width * sizeof(T)));
  }
  file.close();
  return file ? status{} : status{errc::io_error, "cannot write " + path};
}

} // namespace

outcome<matrix<float>> read_fvecs(const std::string& path, std::size_t rows_max) {
  return read_rows<float>(path, rows_max);
}

outcome<matrix<std::int32_t>> read_ivecs(const std::string& path, std::size_t rows_max) {
  return read_rows<std::int32_t>(path, rows_max);
}

status write_fvecs(const std::string& path, const matrix<float>& rows) {
  return write_rows(path, rows);
}

status write_ivecs(const std::string& path, const matrix<std::int32_t>& rows) {
  return write_rows(path, rows);
}

outcome<data_set> read_data_set(const std::string& prefix, std::size_t queries_max,
                                bool with_truth) {
  data_set data;
  auto base = read_fvecs(prefix + ".base.fvecs", static_cast<std::size_t>(-1));
  if (!base)
    return std::move(base).error();
  data.base = std::move(*base);
  auto queries = read_fvecs(prefix + ".query.fvecs", queries_max);
  if (!queries)
    return std::move(queries).error();
  data.queries = std::move(*queries);
  if (data.queries.width != data.base.width)
    return status{errc::wrong_input, prefix + ": queries and base differ in dimension"};
  if (!with_truth)
    return data;
  auto truth = read_ivecs(prefix + ".gt.ivecs", queries_max);
  if (!truth)
    return std::move(truth).error();
  data.truth = std::move(*truth);
  const auto fits = [&](std::int32_t row) {
    return row >= 0 && static_cast<std::size_t>(row) < data.base.rows();
  };
  if (data.truth.rows() != data.queries.rows()
      || !std::all_of(data.truth.values.begin(), data.truth.values.end(), fits))
    return status{errc::wrong_input, prefix + ": the truth does not fit the base and queries"};
  return data;
}

double recall_of(const data_set& data, std::span<const std::uint32_t> found, std::size_t k) {
  std::size_t met = 0;
  for (std::size_t query = 0; query < data.queries.rows(); ++query) {
    const auto* right = data.truth.row(query);
    for (const auto one : found.subspan(query * k, k))
      met += std::find(right, right + k, static_cast<std::int32_t>(one)) != right + k ? 1u : 0u;
  }
  return static_cast<double>(met) / static_cast<double>(data.queries.rows() * k);
}

} // namespace grape::bench
