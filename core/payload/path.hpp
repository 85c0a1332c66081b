#pragma once

#include "core/outcome.hpp"
#include "core/payload/value.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace grape::payload {

/// "[]" in a path: every element of an array.
struct every_element {
  friend bool operator==(const every_element&, const every_element&) = default;
};

/// A member by its key, an element by its place, or every element.
using path_step = std::variant<std::string, std::size_t, every_element>;

/// A path may build nested objects, and what is stored must stay readable: with payloads that nest
/// as deep as a door admits, a document stays far below what the codec reads back.
inline constexpr std::size_t path_steps_max = 128;
inline constexpr std::size_t path_bytes_max = 4'096;

/// The way to values inside a payload: `key(.key | [n] | [])*`. A key is letters, digits, `_` and
/// `-`, or anything but `\` and `"` between quotes. Immutable; cheap to use, dear to parse.
class path {
public:
  /// Errors: malformed, with the text clients know.
  static outcome<path> parse(std::string_view text);

  /// At least one step; the first is always a key.
  std::span<const path_step> steps() const noexcept { return steps_; }

  /// No "[]" in it: at most one value stands there.
  bool leads_to_one() const noexcept;

  /// The path again as text, quoted where it must be. Two equal paths have equal texts.
  std::string text() const;

  /// This path with "[]" at its end, unless it stands there already.
  path with_every_element() const;

  /// This path followed by `inner`, which starts inside the objects found here.
  path followed_by(const path& inner) const;

  friend bool operator==(const path&, const path&) = default;

private:
  std::vector<path_step> steps_;
};

namespace detail {

template <class Visit>
bool visit_steps(const value& at, std::span<const path_step> rest, Visit& visit) {
  if (rest.empty())
    return visit(at);
  const auto& step = rest.front();
  const auto beyond = rest.subspan(1);
  if (const auto* key = std::get_if<std::string>(&step)) {
    const auto* inside = at.as_object();
    const auto* found = inside == nullptr ? nullptr : inside->find(*key);
    return found == nullptr || visit_steps(*found, beyond, visit);
  }
  const auto* elements = at.as_array();
  if (elements == nullptr)
    return true;
  if (const auto* place = std::get_if<std::size_t>(&step))
    return *place >= elements->size() || visit_steps((*elements)[*place], beyond, visit);
  for (const auto& element : *elements)
    if (!visit_steps(element, beyond, visit))
      return false;
  return true;
}

} // namespace detail

/// Calls `visit(const value&)` for each value at `where`, in document order, until it returns
/// false; returns false then, true otherwise. A plain `a.b` does not enter an array at `a`.
template <class Visit>
bool visit_values(const object& in, const path& where, Visit&& visit) {
  const auto steps = where.steps();
  const auto* first = in.find(std::get<std::string>(steps.front()));
  return first == nullptr || detail::visit_steps(*first, steps.subspan(1), visit);
}

} // namespace grape::payload
