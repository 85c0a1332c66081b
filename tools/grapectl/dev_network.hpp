#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

/// Networks of their own for the nodes of a folder, so that they can be cut off from each other as
/// by a broken switch: a network namespace for each node, all on one bridge, by iproute2. The near
/// end of the bridge belongs to this machine, so that it reaches every node whatever is cut. Needs
/// root. Names and addresses follow from the folder alone: nothing is written down.
namespace grape::ctl {

class dev_network {
public:
  /// Touches nothing.
  explicit dev_network(const std::filesystem::path& folder);

  /// Of the node at `place`, from 0 on: "10.x.y.1", ...; up to 9 of them.
  std::string address(std::uint32_t place) const;

  /// The beginning of a command that runs the rest of it there.
  std::vector<std::string> around(std::uint32_t place) const;

  /// Makes what is missing for `places` nodes. Errors: io_error with what the system said.
  status raise(std::uint32_t places) const;

  /// From now on no word passes between those in `apart` and the others, both ways; those in
  /// `apart` still hear each other. Nobody is told. Errors: io_error.
  status cut(std::uint32_t places, const std::set<std::uint32_t>& apart) const;

  /// Ends every cut. Errors: io_error.
  status heal(std::uint32_t places) const;

  /// Removes all of it; what is not there is none of its business.
  void remove(std::uint32_t places) const;

private:
  std::string space(std::uint32_t place) const;
  status inside(std::uint32_t place, std::vector<std::string> command) const;
  status raise_place(std::uint32_t place) const;

  std::string tag_;
  std::string prefix_;
};

} // namespace grape::ctl
