#include "core/raft/entry.hpp"

#include <string_view>

namespace grape::raft {

namespace {

std::string_view bytes_of(const payload& of) noexcept {
  return of ? std::string_view{*of} : std::string_view{};
}

} // namespace

bool operator==(const entry& a, const entry& b) noexcept {
  return a.index == b.index && a.term == b.term && a.kind == b.kind
         && (a.data == b.data || bytes_of(a.data) == bytes_of(b.data));
}

} // namespace grape::raft
