#pragma once

#include "tools/grapectl/ask.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace grape::ctl {

/// What the program ends with. Stands in --help and in the README.
enum class exit_code : int {
  ok = 0,
  refused = 1,        ///< The node answered with an error.
  wrong_usage = 2,    ///< The command line makes no sense.
  unreachable = 3,    ///< Nobody answered, or not in time.
  not_understood = 4, ///< An answer that is not a node's.
  unhealthy = 5,      ///< `cluster health`: something does not work.
};

/// Options that all commands share.
struct surroundings {
  node_address node;
  std::string api_key;
  bool as_json = false; ///< Print the node's answers as they are.
  std::chrono::milliseconds patience{10'000};
};

struct search_options {
  std::string collection;
  std::string id;     ///< A point to search from, or
  std::string vector; ///< numbers with commas or a JSON array.
  std::string using_vector;
  std::string filter; ///< JSON.
  std::uint32_t limit = 10;
};

/// Each asks the node, prints to stdout what it says and to stderr why it could not.
exit_code show_status(const surroundings& around);
exit_code show_actors(const surroundings& around);
exit_code list_collections(const surroundings& around);
exit_code describe(const surroundings& around, const std::string& collection);
exit_code get_point(const surroundings& around, const std::string& collection,
                    const std::string& id);
exit_code search(const surroundings& around, const search_options& wanted);

} // namespace grape::ctl
