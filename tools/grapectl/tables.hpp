#pragma once

#include "core/payload/value.hpp"

#include <string>
#include <vector>

namespace grape::ctl {

using row = std::vector<std::string>;

/// Rows in columns wide enough for their longest cell; the first row is the heading. Cells that
/// are numbers stand to the right. One line per row, each ended by a newline.
std::string table_of(const std::vector<row>& rows);

/// The value under a path of keys, or null where there is none.
const payload::value& at(const payload::value& tree, const std::vector<std::string>& path);

/// A value as a person reads it: texts without quotes, absent as "-", the rest as JSON of at most
/// `width` bytes.
std::string cell_of(const payload::value& from, std::size_t width = 100);

std::string print_status(const payload::value& result);
std::string print_actors(const payload::value& result);
std::string print_collection(const std::string& name, const payload::value& result);
std::string print_point(const payload::value& result);
std::string print_hits(const payload::value& result);

} // namespace grape::ctl
