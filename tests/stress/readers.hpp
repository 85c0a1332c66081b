#pragma once

#include "tests/stress/client.hpp"

namespace grape::stress {

/// Searches and checks each answer by itself: hits once each, best first, all within the filter,
/// and each a whole point.
class searcher : public client {
public:
  /// `helps`: on its own thread, as those of the HTTP server do.
  searcher(scene& where, std::uint64_t writers, bool helps, std::uint64_t seed)
    : client(where, seed)
    , writers_(writers)
    , helps_(helps) {}

  void run();

private:
  query_request some_query();
  void check(const query_request& asked, const std::vector<scored_record>& hits);

  std::uint64_t writers_;
  bool helps_;
};

/// Pages through everything, counts, and asks for facets and groups.
class browser : public client {
public:
  browser(scene& where, std::uint64_t writers, std::uint64_t seed)
    : client(where, seed)
    , writers_(writers) {}

  void run();

private:
  void scroll();
  void count();
  void facets();
  void grouped();

  std::uint64_t writers_;
};

/// All points by pages; those that are not whole are flaws.
outcome<stored_points> all_points(gateway_port& port, const std::string& of, tally& told);

} // namespace grape::stress
