#include "core/payload/change.hpp"

namespace grape::payload {

namespace {

using steps = std::span<const path_step>;

void merge_at(value& into, steps rest, const object& changes);

void merge_at_key(object& into, const std::string& key, steps beyond, const object& changes) {
  auto* found = into.find(key);
  if (found == nullptr)
    found = &into.set(key, value{});
  merge_at(*found, beyond, changes);
}

object& as_object(value& changing) {
  if (changing.as_object() == nullptr)
    changing = value{object{}};
  return *changing.as_object();
}

array& as_array(value& changing) {
  if (changing.as_array() == nullptr)
    changing = value{array{}};
  return *changing.as_array();
}

void merge_at(value& into, steps rest, const object& changes) {
  if (rest.empty())
    return merge(as_object(into), changes);
  const auto& step = rest.front();
  const auto beyond = rest.subspan(1);
  if (const auto* key = std::get_if<std::string>(&step))
    return merge_at_key(as_object(into), *key, beyond, changes);
  auto& elements = as_array(into);
  if (const auto* place = std::get_if<std::size_t>(&step)) {
    if (*place < elements.size())
      merge_at(elements[*place], beyond, changes);
    return;
  }
  for (auto& element : elements)
    merge_at(element, beyond, changes);
}

void erase_at(value& from, steps rest);

void erase_at(object& from, const std::string& key, steps beyond) {
  if (beyond.empty()) {
    from.erase(key);
    return;
  }
  if (auto* found = from.find(key))
    erase_at(*found, beyond);
}

void erase_at(value& from, steps rest) {
  const auto& step = rest.front();
  const auto beyond = rest.subspan(1);
  if (const auto* key = std::get_if<std::string>(&step)) {
    if (auto* members = from.as_object())
      erase_at(*members, *key, beyond);
    return;
  }
  auto* elements = from.as_array();
  if (elements == nullptr)
    return;
  if (const auto* place = std::get_if<std::size_t>(&step)) {
    if (!beyond.empty() && *place < elements->size())
      erase_at((*elements)[*place], beyond);
    return;
  }
  if (beyond.empty()) {
    elements->clear();
    return;
  }
  for (auto& element : *elements)
    erase_at(element, beyond);
}

} // namespace

void merge(object& into, const object& changes) {
  for (const auto& [key, to] : changes) {
    if (to.is_null())
      into.erase(key);
    else
      into.set(key, to);
  }
}

void merge_at(object& into, const path& where, const object& changes) {
  const auto all = where.steps();
  merge_at_key(into, std::get<std::string>(all.front()), all.subspan(1), changes);
}

void erase_at(object& from, const path& where) {
  const auto all = where.steps();
  erase_at(from, std::get<std::string>(all.front()), all.subspan(1));
}

} // namespace grape::payload
