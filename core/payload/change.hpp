#pragma once

#include "core/payload/path.hpp"
#include "core/payload/value.hpp"

namespace grape::payload {

/// Each member of `changes` replaces the one in `into`; a null removes it. Not recursive.
void merge(object& into, const object& changes);

/// Merges `changes` into the object at `where`. Missing objects are made on the way, and what is
/// neither object nor array where one is needed is replaced. `a[].b` reaches every element, `a[0]`
/// one, and an element that is not there is left alone.
void merge_at(object& into, const path& where, const object& changes);

/// Removes what is at `where`; `a[]` empties the array, and `a[0]` removes nothing (it would not
/// be idempotent). Absent paths are fine.
void erase_at(object& from, const path& where);

} // namespace grape::payload
