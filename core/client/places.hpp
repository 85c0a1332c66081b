#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace grape::client {

/// One client's place on a node. Increasing, never reused.
using place_number = id<struct place_number_tag>;

struct places_options {
  std::size_t all_max = 256;
  std::size_t of_one_max = 128;        ///< Of one sender.
  std::size_t waiting_max = 64;        ///< Of those that knocked and said nothing since.
  std::size_t waiting_of_one_max = 16; ///< The same of one sender.
  std::uint64_t waiting_ms_max = 3'000;
};

/// Which clients a node has room for. A knock costs a stranger nothing, so whoever has only knocked
/// keeps a place for a moment; and while such places are rare, those of whom knocked most often go
/// to others. Knows no clock; not thread-safe.
class places {
public:
  explicit places(const places_options& options)
    : options_(options) {}

  /// A place for a client of `sender`: whatever tells one connection from another. Errors:
  /// overloaded.
  outcome<place_number> enter(const std::string& sender, std::uint64_t now_ms);

  /// Its client said something that makes sense: it stays as long as it likes. False: too late, the
  /// place was given up.
  bool attach(place_number which, std::uint64_t now_ms);

  /// False: the place went to another client, or is given up because nobody came in time.
  bool is_kept(place_number which, std::uint64_t now_ms);

  void leave(place_number which) { all_.erase(which); }

  std::size_t size() const noexcept { return all_.size(); }

private:
  struct one {
    std::string sender;
    std::uint64_t since_ms = 0;
    bool is_waiting = true;
  };

  void expire(std::uint64_t now_ms);
  std::size_t waiting() const;
  std::size_t count_of(const std::string& sender, bool only_waiting) const;
  bool make_room(const std::string& sender);

  places_options options_;
  place_number last_{};
  std::map<place_number, one> all_; // In the order of coming.
};

} // namespace grape::client
