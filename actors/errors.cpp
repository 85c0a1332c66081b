#include "actors/errors.hpp"

#include "core/check.hpp"

#include <caf/all.hpp>

namespace grape::actors {

namespace {

/// "No error" has no category to ask for.
bool is_ours(const caf::error& from) {
  return from && from.category() == caf::atom("grape");
}

status ours(const caf::error& from) {
  status out{static_cast<errc>(from.code()), {}};
  if (!from.context().empty() && from.context().match_element<std::string>(0))
    out.detail = from.context().get_as<std::string>(0);
  return out;
}

} // namespace

caf::error to_error(const status& from) {
  GRAPE_CHECK(!from.ok());
  return caf::make_error(from.code, from.detail);
}

caf::error to_error(const status& from, std::optional<node_number> leader) {
  if (!leader)
    return to_error(from);
  GRAPE_CHECK(!from.ok());
  return caf::make_error(from.code, from.detail, leader->value);
}

std::optional<node_number> leader_of(const caf::error& from) {
  if (!is_ours(from) || !from.context().match_elements<std::string, std::uint32_t>())
    return std::nullopt;
  return node_number{from.context().get_as<std::uint32_t>(1)};
}

status to_status(const caf::error& from) {
  if (is_ours(from))
    return ours(from);
  if (from == caf::sec::request_timeout)
    return {errc::timed_out, "no answer within the time allowed"};
  return {errc::unavailable, "the part of the node that answers is being renewed"};
}

status to_write_status(const caf::error& from) {
  if (is_ours(from))
    return ours(from);
  return {errc::commit_unknown, "the answer to this write was lost; it may have taken effect"};
}

status to_status_of_fall(const caf::error& from) {
  return is_ours(from) ? ours(from) : status{errc::internal, describe(from)};
}

std::string describe(const caf::error& from) {
  if (is_ours(from))
    return to_string(ours(from));
  if (!from)
    return "ended";
  if (from == caf::exit_reason::kill)
    return "killed";
  return caf::to_string(from);
}

} // namespace grape::actors
