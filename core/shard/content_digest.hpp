#pragma once

#include "core/outcome.hpp"
#include "core/storage/point_store.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace grape::shard {

/// What some points hold, as a number: the sum of a hash of each, so their order, their versions,
/// and in which shards they lie make no difference. Two collections with the same points have the
/// same digest; other points have it by chance once in 2^128, or where somebody looks for such
/// points on purpose: sums are no seal against that. A value type.
struct content_digest {
  std::uint64_t points = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  /// Its id, vectors and payload as the store keeps them.
  void add(const storage::stored_point& one);

  content_digest& operator+=(const content_digest& other) noexcept;

  /// 32 hexadecimal digits.
  std::string text() const;

  friend bool operator==(const content_digest&, const content_digest&) = default;
};

/// The reverse of `text`, for sums of what others told; `points` stay 0. Error: corrupted.
outcome<content_digest> digest_of_text(const std::string& text);

/// Of all points of a store, at one moment. `cancelled` once `stop()`, which is asked now and then.
/// Errors: also those of the reader.
outcome<content_digest> digest_of(const storage::point_reader& from,
                                  const std::function<bool()>& stop);

} // namespace grape::shard
