#include "tools/bench/word_sample.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace grape::bench {

namespace {

outcome<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file)
    return status{errc::not_found, "cannot read " + path};
  return content;
}

/// IEEE 754 binary16; the sample has no infinities.
float from_half(std::uint16_t half) {
  const auto exponent = static_cast<int>(half >> 10 & 0x1F);
  const auto fraction = static_cast<float>(half & 0x3FF);
  const auto size = exponent == 0 ? std::ldexp(fraction, -24)
                                  : std::ldexp(fraction + 1024.0f, exponent - 25);
  return (half & 0x8000) != 0 ? -size : size;
}

std::vector<std::uint16_t> shorts_of(const std::string& bytes) {
  static_assert(std::endian::native == std::endian::little);
  std::vector<std::uint16_t> values(bytes.size() / 2);
  std::memcpy(values.data(), bytes.data(), values.size() * 2);
  return values;
}

std::vector<dense_vector> unit_vectors(const std::string& bytes) {
  const auto halves = shorts_of(bytes);
  std::vector<dense_vector> rows;
  for (std::size_t at = 0; at + word_sample::dimension <= halves.size();
       at += word_sample::dimension) {
    dense_vector row;
    double squares = 0;
    for (std::size_t i = 0; i < word_sample::dimension; ++i) {
      row.push_back(from_half(halves[at + i]));
      squares += double{row.back()} * double{row.back()};
    }
    for (auto& value : row)
      value = static_cast<float>(value / std::sqrt(squares));
    rows.push_back(std::move(row));
  }
  return rows;
}

/// In UTF-8.
bool begins_letter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

void read_words(const std::string& text, word_sample& to) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    const auto tab = line.find('\t');
    if (tab != std::string::npos && tab + 1 < line.size()) {
      to.ranks.push_back(static_cast<std::uint32_t>(std::strtoul(line.c_str(), nullptr, 10)));
      to.words.push_back(line.substr(tab + 1));
    }
    at = end + 1;
  }
}

} // namespace

outcome<word_sample> read_word_sample(const std::string& folder) {
  const auto words = read_file(folder + "/words.txt");
  const auto vectors = read_file(folder + "/vectors.f16");
  const auto queries = read_file(folder + "/queries.f16");
  const auto truth = read_file(folder + "/truth.u16");
  for (const auto* part : {&words, &vectors, &queries, &truth})
    if (!*part)
      return part->error();
  word_sample made;
  read_words(*words, made);
  made.vectors = unit_vectors(*vectors);
  made.queries = unit_vectors(*queries);
  made.truth = shorts_of(*truth);
  if (made.words.empty() || made.words.size() != made.vectors.size()
      || made.truth.size() != made.queries.size() * word_sample::neighbours)
    return status{errc::corrupted, "the files in " + folder + " do not fit together"};
  return made;
}

payload::object payload_of(const word_sample& from, std::size_t place) {
  const auto& word = from.words[place];
  const auto letters = std::count_if(word.begin(), word.end(), begins_letter);
  const auto second = std::find_if(word.begin() + 1, word.end(), begins_letter);
  // Whatever is not ASCII counts as a letter of some alphabet.
  const auto plain = std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return c >= 0x80 || std::isalpha(c) != 0;
  });
  payload::object made;
  made.set("word", payload::value{word});
  made.set("rank", payload::value{std::uint64_t{from.ranks[place]}});
  made.set("letters", payload::value{static_cast<std::uint64_t>(letters)});
  made.set("initial", payload::value{std::string(word.begin(), second)});
  made.set("plain", payload::value{plain});
  return made;
}

std::string default_sample_folder() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto project = self.parent_path().parent_path().parent_path();
  return (project / "tests" / "data" / "glove-sample").string();
}

} // namespace grape::bench
