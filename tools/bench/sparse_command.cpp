#include "tools/bench/sparse_command.hpp"

#include "core/index/sparse_index.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <random>

namespace grape::bench {

namespace {

struct sparse_options {
  std::uint32_t documents = 100'000;
  std::uint32_t queries = 2'000;
  std::uint32_t vocabulary = 100'000;
  std::uint32_t dense_dimension = 384; ///< Of the dense vectors whose memory is compared.
  std::uint32_t seed = 1;
};

double seconds_since(std::chrono::steady_clock::time_point from) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
}

/// Documents and queries whose words are as frequent as by Zipf's law, weighed as BM25 does.
class word_source {
public:
  explicit word_source(const sparse_options& options)
    : random_(options.seed)
    , seen_(options.vocabulary)
    , documents_(options.documents) {
    double sum = 0;
    for (std::uint32_t rank = 0; rank < options.vocabulary; ++rank)
      up_to_.push_back(sum += 1.0 / (rank + 10));
  }

  sparse_vector document() {
    constexpr float k = 1.2f, b = 0.75f, average = 70;
    const auto length = 20 + random_() % 100;
    const auto norm = k * (1 - b + b * static_cast<float>(length) / average);
    auto words = counts(length);
    for (auto& [word, count] : words) {
      ++seen_[word];
      count = count * (k + 1) / (count + norm);
    }
    return vector_of(words);
  }

  /// 2 to 7 words with their idf.
  sparse_vector query() {
    auto words = counts(2 + random_() % 6);
    for (auto& [word, weight] : words) {
      const auto with = static_cast<float>(seen_[word]);
      const auto all = static_cast<float>(documents_);
      weight = std::log((all - with + 0.5f) / (with + 0.5f) + 1.0f);
    }
    return vector_of(words);
  }

private:
  std::map<std::uint32_t, float> counts(std::uint64_t length) {
    std::map<std::uint32_t, float> words;
    for (; length > 0; --length) {
      const auto x = std::uniform_real_distribution<double>(0, up_to_.back())(random_);
      const auto at = std::lower_bound(up_to_.begin(), up_to_.end(), x);
      words[static_cast<std::uint32_t>(at - up_to_.begin())] += 1;
    }
    return words;
  }

  static sparse_vector vector_of(const std::map<std::uint32_t, float>& words) {
    sparse_vector made;
    for (const auto& [index, value] : words) {
      made.indices.push_back(index);
      made.values.push_back(value);
    }
    return made;
  }

  std::mt19937 random_;
  std::vector<std::uint32_t> seen_; // Documents with each word.
  std::uint32_t documents_;
  std::vector<double> up_to_;
};

status run_sparse(const sparse_options& options) {
  word_source words(options);
  index::sparse_index made;
  std::uint64_t postings = 0;
  double building = 0;
  for (std::uint32_t number = 0; number < options.documents; ++number) {
    auto document = words.document();
    postings += document.indices.size();
    const auto begun = std::chrono::steady_clock::now();
    made.put(slot{number}, std::move(document));
    building += seconds_since(begun);
  }
  const auto view = made.view();
  std::vector<double> took_ms;
  for (std::uint32_t i = 0; i < options.queries; ++i) {
    const auto query = words.query();
    budget unlimited;
    const auto begun = std::chrono::steady_clock::now();
    const auto counted = view.count(query.indices, nullptr, unlimited); // What idf asks first.
    const auto found = view.search({.query = &query, .k = 10}, unlimited);
    took_ms.push_back(seconds_since(begun) * 1'000);
    if (!counted || !found)
      return counted ? found.error() : counted.error();
  }
  std::sort(took_ms.begin(), took_ms.end());
  const auto share = [&](std::size_t percent) {
    return took_ms[std::min(took_ms.size() - 1, took_ms.size() * percent / 100)];
  };
  const auto each = static_cast<double>(made.bytes()) / options.documents;
  std::printf("%u documents, %.1f indices each: put in %.2f s, %zu parts\n", options.documents,
              static_cast<double>(postings) / options.documents, building, view.segments());
  std::printf("top 10, one thread: p50 %.3f ms, p95 %.3f ms, p99 %.3f ms\n", share(50), share(95),
              share(99));
  std::printf("memory: %.0f bytes a document, %.0f %% of %u floats\n", each,
              100 * each / (4.0 * options.dense_dimension), options.dense_dimension);
  return {};
}

} // namespace

void add_sparse(CLI::App& to, status& done) {
  const auto options = std::make_shared<sparse_options>();
  auto* command = to.add_subcommand("sparse", "search texts by BM25 in inverted lists");
  command->add_option("--documents", options->documents)->check(CLI::Range(1, 100'000'000));
  command->add_option("--queries", options->queries)->check(CLI::Range(1, 1'000'000));
  command->add_option("--vocabulary", options->vocabulary)->check(CLI::Range(2, 10'000'000));
  command->add_option("--dense-dimension", options->dense_dimension, "to compare memory with")
      ->check(CLI::Range(1, 65'536));
  command->add_option("--seed", options->seed);
  command->callback([options, &done] { done = run_sparse(*options); });
}

} // namespace grape::bench
