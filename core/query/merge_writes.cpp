#include "core/query/merge_writes.hpp"

#include <algorithm>

namespace grape::query {

namespace {

/// From the least to the most a client may rely on.
int rank(write_progress progress) {
  switch (progress) {
    case write_progress::wait_timeout: return 0;
    case write_progress::acknowledged: return 1;
    case write_progress::completed: return 2;
  }
  return 0;
}

/// Does this code say that surely nothing was applied?
bool surely_not_applied(errc code) {
  return code != errc::commit_unknown && code != errc::internal && code != errc::io_error
         && code != errc::closed;
}

} // namespace

outcome<write_receipt> merge(std::span<const outcome<write_receipt>> parts) {
  write_receipt whole{0, write_progress::completed, 0};
  const status* first = nullptr;
  bool all_failed = true;
  bool all_stale = true;
  bool all_sure = true;
  bool all_full = true;
  for (const auto& part : parts) {
    if (!part) {
      const auto& why = part.error();
      first = first == nullptr ? &why : first;
      all_stale = all_stale && why.code == errc::stale_route;
      all_sure = all_sure && surely_not_applied(why.code);
      all_full = all_full && why.code == errc::no_space;
      continue;
    }
    all_failed = false;
    whole.operation_id = std::max(whole.operation_id, part->operation_id);
    if (rank(part->progress) < rank(whole.progress)) {
      whole.progress = part->progress;
      whole.copies = part->copies;
    } else if (part->progress == whole.progress) {
      whole.copies = std::min(whole.copies, part->copies);
    }
  }
  if (first == nullptr)
    return whole;
  if (all_stale || (all_failed && all_sure))
    return *first;
  return status{all_full ? errc::no_space : errc::commit_unknown,
                "some shards may have applied their part of the batch: " + to_string(*first)};
}

} // namespace grape::query
