#include "core/raft/message.hpp"

#include <tuple>

namespace grape::raft {

namespace {

auto numbers_of(const message& of) noexcept {
  return std::tie(of.kind, of.from, of.to, of.term, of.index, of.log_term, of.commit, of.reject,
                  of.hint, of.hint_term, of.context, of.force);
}

bool same_mark(const message& a, const message& b) noexcept {
  if (a.snapshot == nullptr || b.snapshot == nullptr)
    return a.snapshot == b.snapshot;
  return *a.snapshot == *b.snapshot;
}

} // namespace

bool operator==(const message& a, const message& b) noexcept {
  return numbers_of(a) == numbers_of(b) && same_mark(a, b) && a.entries == b.entries;
}

} // namespace grape::raft
