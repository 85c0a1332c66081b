#include "tools/bench/parse_command.hpp"

#include "core/shard/command.hpp"
#include "net/http/decode_write.hpp"
#include "net/http/json_writer.hpp"
#include "tools/bench/curve.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/json_output.hpp"
#include "tools/bench/stopwatch.hpp"

#include <CLI/CLI.hpp>
#include <simdjson.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace grape::bench {

namespace {

struct parse_options {
  std::vector<std::size_t> dimensions{100, 1536};
  std::size_t body_kib = 1'024; ///< About so large is each body.
  std::size_t bodies = 16;
  std::size_t rounds = 7;
  bool doubles = false;
  std::uint64_t seed = 1;
  std::string json;
};

/// Bodies of one upload.
struct upload_bodies {
  std::vector<std::string> texts;
  std::uint64_t points = 0; ///< In all of them.
  std::uint64_t bytes = 0;
};

/// The fastest of the rounds of each way, in bytes and points per second of the thread's
/// processor time, and the middle of the ratios of neighbouring rounds.
struct parse_figures {
  std::size_t dimension = 0;
  double parsed_bytes_per_s = 0;
  double decoded_bytes_per_s = 0;
  double encoded_bytes_per_s = 0; ///< Decoded, and made an entry of the log.
  double encoded_points_per_s = 0;
  double parsed_points_per_s = 0;
  double share = 0; ///< Of the parser's own speed that is left up to the log.
};

upload_bodies make_bodies(const parse_options& options, std::size_t dimension) {
  std::mt19937_64 random(options.seed);
  std::normal_distribution<float> component;
  upload_bodies made;
  for (std::size_t i = 0; i < options.bodies; ++i) {
    const auto bytes_per_number = options.doubles ? 21 : 12;
    const auto points = 1 + options.body_kib * 1'024 / (dimension * bytes_per_number + 40);
    http::json_writer out;
    out.open_object().key("points").open_array();
    for (std::size_t row = 0; row < points; ++row) {
      out.open_object().key("id").whole(made.points++).key("vector").open_array();
      for (std::size_t j = 0; j < dimension; ++j)
        options.doubles ? out.number(static_cast<double>(component(random)))
                        : out.number(component(random));
      out.close_array().key("payload").open_object().key("group").whole(row % 10).close_object();
      out.close_object();
    }
    out.close_array().close_object();
    made.texts.push_back(std::move(out).take());
    made.bytes += made.texts.back().size();
  }
  return made;
}

/// Seconds of processor time for all bodies; negative if one was refused.
template <class Work>
double time_of(upload_bodies& over, Work&& work) {
  const stopwatch clock;
  for (auto& text : over.texts)
    if (!work(text))
      return -1;
  return clock.cpu();
}

/// The yardstick: the parser with memory that it keeps, and nobody who reads what it found.
double time_parser(upload_bodies& over) {
  thread_local simdjson::dom::parser parser;
  return time_of(over, [](std::string& text) {
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    return parser.parse(text.data(), text.size(), false).error() == simdjson::SUCCESS;
  });
}

double time_decoding(upload_bodies& over) {
  return time_of(over, [](std::string& text) { return bool{http::decode_upsert(text)}; });
}

double time_encoding(upload_bodies& over) {
  return time_of(over, [](std::string& text) {
    auto operation = http::decode_upsert(text);
    if (!operation)
      return false;
    shard::write_points write{schema_version{1}, {}};
    write.operations.push_back(std::move(operation->operation));
    return shard::encode(shard::command{std::move(write)}).size() > 0;
  });
}

outcome<parse_figures> measure(const parse_options& options, std::size_t dimension) {
  auto bodies = make_bodies(options, dimension);
  const auto bytes = static_cast<double>(bodies.bytes);
  const auto points = static_cast<double>(bodies.points);
  parse_figures made{.dimension = dimension};
  std::vector<double> shares;
  for (std::size_t round = 0; round <= options.rounds; ++round) {
    const auto parsed = time_parser(bodies);
    const auto decoded = time_decoding(bodies);
    const auto encoded = time_encoding(bodies);
    if (parsed <= 0 || decoded <= 0 || encoded <= 0)
      return status{errc::internal, "a body was refused"};
    if (round == 0)
      continue; // Memory and caches are cold.
    made.parsed_bytes_per_s = std::max(made.parsed_bytes_per_s, bytes / parsed);
    made.decoded_bytes_per_s = std::max(made.decoded_bytes_per_s, bytes / decoded);
    made.encoded_bytes_per_s = std::max(made.encoded_bytes_per_s, bytes / encoded);
    shares.push_back(parsed / encoded);
  }
  made.parsed_points_per_s = made.parsed_bytes_per_s * points / bytes;
  made.encoded_points_per_s = made.encoded_bytes_per_s * points / bytes;
  made.share = median(shares).value_or(0);
  return made;
}

void print(std::ostream& to, const parse_figures& of) {
  char line[256];
  std::snprintf(line, sizeof line,
                "%5zu d: parser alone %6.0f MB/s, %7.0f points/s; decoded %6.0f MB/s; up to the log"
                " %6.0f MB/s, %7.0f points/s: %.0f %%\n",
                of.dimension, of.parsed_bytes_per_s / 1e6, of.parsed_points_per_s,
                of.decoded_bytes_per_s / 1e6, of.encoded_bytes_per_s / 1e6, of.encoded_points_per_s,
                100 * of.share);
  to << line;
}

void write(http::json_writer& out, const parse_figures& of) {
  out.open_object().key("dimension").whole(of.dimension);
  out.key("parsed_bytes_per_s").number(of.parsed_bytes_per_s);
  out.key("parsed_points_per_s").number(of.parsed_points_per_s);
  out.key("decoded_bytes_per_s").number(of.decoded_bytes_per_s);
  out.key("encoded_bytes_per_s").number(of.encoded_bytes_per_s);
  out.key("encoded_points_per_s").number(of.encoded_points_per_s);
  out.key("share_of_parser").number(of.share).close_object();
}

status run_parse(const parse_options& options) {
  auto& to = options.json == "-" ? std::cerr : std::cout;
  to << hardware_line() << '\n';
  http::json_writer out;
  out.open_object().key("machine").text(hardware_line()).key("seed").whole(options.seed);
  out.key("doubles").boolean(options.doubles).key("dimensions").open_array();
  for (const auto dimension : options.dimensions) {
    const auto measured = measure(options, dimension);
    if (!measured)
      return measured.error();
    print(to, *measured);
    write(out, *measured);
  }
  out.close_array().close_object();
  return write_json_output(options.json, std::move(out).take());
}

} // namespace

void add_parse(CLI::App& to, status& done) {
  const auto options = std::make_shared<parse_options>();
  auto* command =
      to.add_subcommand("parse", "decode uploads up to the log, against the parser alone");
  command->add_option("--dimension", options->dimensions)
      ->delimiter(',')
      ->check(CLI::Range(1, 65'536));
  command->add_option("--body-kib", options->body_kib, "about the size of one body")
      ->check(CLI::Range(1, 32'768));
  command->add_option("--bodies", options->bodies)->check(CLI::Range(1, 10'000));
  command->add_option("--rounds", options->rounds)->check(CLI::Range(1, 1'000));
  command->add_flag("--doubles", options->doubles, "numbers of 17 digits, as Python prints them");
  command->add_option("--seed", options->seed);
  command->add_option("--json", options->json, "write the result as JSON; - for stdout");
  command->callback([options, &done] { done = run_parse(*options); });
}

} // namespace grape::bench
