// A program that has a database inside it: opens, fills, searches with many callers, reopens.
// Prints what it measured; ends with 1 and a sentence if something is not as promised.

#include <grape/database.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

using steady = std::chrono::steady_clock;

constexpr std::uint32_t dimension = 100;

[[noreturn]] void fail(const std::string& why) {
  std::cerr << "host: " << why << "\n";
  std::exit(1);
}

double seconds_since(steady::time_point start) {
  return std::chrono::duration<double>(steady::now() - start).count();
}

template <class T>
T value_of(grape::outcome<T> result, const std::string& what) {
  if (!result)
    fail(what + ": " + to_string(result.error()));
  return std::move(*result);
}

std::vector<float> random_vector(std::mt19937& chance) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(dimension);
  for (auto& component : vector)
    component = normal(chance);
  return vector;
}

void fill(grape::database& db, std::uint64_t points) {
  std::mt19937 chance{1};
  constexpr std::uint64_t batch_size = 1'000;
  for (std::uint64_t first = 0; first < points; first += batch_size) {
    std::vector<grape::point> batch;
    for (auto id = first; id < std::min(first + batch_size, points); ++id) {
      grape::point one;
      one.id = grape::point_id{id};
      one.vectors.push_back({"", random_vector(chance)});
      one.payload.set("parity", grape::payload::value{id % 2 == 0 ? "even" : "odd"});
      batch.push_back(std::move(one));
    }
    value_of(db.upsert("words", std::move(batch)), "upsert");
  }
}

/// Every stored vector finds itself first.
void check_neighbours(grape::database& db) {
  std::mt19937 chance{1};
  for (std::uint64_t id = 0; id < 20; ++id) {
    grape::search_request wanted;
    wanted.collection = "words";
    wanted.vector = random_vector(chance);
    wanted.limit = 5;
    const auto hits = value_of(db.search(wanted), "search");
    if (hits.size() != 5 || hits.front().point.id != grape::point_id{id})
      fail("point " + std::to_string(id) + " does not find itself");
    if (hits.front().point.payload->find("parity") == nullptr)
      fail("a payload is missing");
  }
}

/// Many callers at once: each gets an answer.
void check_crowd(grape::database& db, std::size_t callers) {
  std::mt19937 chance{2};
  std::vector<std::future<grape::outcome<std::vector<grape::scored_record>>>> answers;
  for (std::size_t i = 0; i < callers; ++i) {
    grape::search_request wanted;
    wanted.collection = "words";
    wanted.vector = random_vector(chance);
    answers.push_back(db.search_later(std::move(wanted)));
  }
  for (auto& answer : answers)
    if (value_of(answer.get(), "a search of the crowd").size() != 10)
      fail("a search of the crowd found too little");
}

std::uint64_t resident_mb() {
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) >> 20;
}

grape::database open(const std::string& directory) {
  return value_of(grape::database::open({.directory = directory}), "open");
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3)
    fail("usage: host DIRECTORY POINTS");
  const std::string directory = argv[1];
  const std::uint64_t points = std::stoull(argv[2]);

  auto db = open(directory);
  if (grape::database::open({.directory = directory}))
    fail("the directory was opened twice");
  if (auto made = db.create_collection("words", dimension); !made.ok())
    fail(to_string(made));
  if (db.create_collection("words", dimension).code != grape::errc::already_exists)
    fail("a collection was made twice");
  fill(db, points);
  check_neighbours(db);
  check_crowd(db, 1'000);
  value_of(db.remove("words", {grape::point_id{points - 1}}), "remove");

  const auto closing = steady::now();
  db.close();
  const auto close_s = seconds_since(closing);
  if (db.upsert("words", {}).error().code != grape::errc::closed)
    fail("a closed database still answers");
  if (db.health().state != grape::database_state::closed)
    fail("a closed database does not say so");

  const auto opening = steady::now();
  auto again = open(directory);
  const auto open_s = seconds_since(opening);
  check_neighbours(again);
  const auto stats = value_of(again.stats(), "stats");
  if (stats.points != points - 1)
    fail(std::to_string(stats.points) + " points instead of " + std::to_string(points - 1));
  std::cout << points << " points: open " << open_s << " s, close " << close_s << " s, resident "
            << resident_mb() << " MB\n";
  return 0;
}
