// Goal: nobody changes the bytes between nodes without telling them apart from those of before.
// Method: one digest of all files that pin such bytes, beside the version that nodes compare when
// they connect.
//
// If this fails you added or changed such a file. Are bytes between nodes other ones than in the
// last release, so that a node of that release could not read them? Then raise
// `link::protocol_version` (core/link/hello.hpp), and `PROTOCOL` in tests/blackbox/membership.py.
// In either case write down here what the failure says. For bytes between a CAF client and a node
// it is `client::protocol_version` (core/client/message.hpp).

#include "core/client/message.hpp"
#include "core/codec/sha256.hpp"
#include "core/link/hello.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using namespace grape;

namespace {

/// How the names of those begin whose bytes stay on the disk of one node.
constexpr const char* only_on_disk[] = {"archive-", "checkpoint-", "log-", "raft-hard-state",
                                        "raft-mark", "segment_"};

bool begins_with_any(const std::string& name) {
  return std::any_of(std::begin(only_on_disk), std::end(only_on_disk),
                     [&name](const char* head) { return name.starts_with(head); });
}

/// Of the names and the bytes of all files for which `wanted`, in the order of their names.
template <class Wanted>
std::string digest_of(Wanted wanted) {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(testing::golden_path("")))
    if (const auto name = file.path().filename().string(); wanted(name))
      names.push_back(name);
  std::sort(names.begin(), names.end());
  codec::sha256_stream sum;
  for (const auto& name : names) {
    const auto bytes = testing::golden(name);
    sum.add(name + " " + std::to_string(bytes.size()) + "\n");
    sum.add(bytes);
  }
  return sum.digest().substr(0, 16);
}

std::string pair_of(std::uint32_t version, const std::string& digest) {
  return "version " + std::to_string(version) + ", files " + digest;
}

bool is_of_clients(const std::string& name) {
  return name.starts_with("client-");
}

bool is_between_nodes(const std::string& name) {
  return !is_of_clients(name) && !begins_with_any(name);
}

} // namespace

TEST_SUITE("core.link.wire_goldens") {
  TEST_CASE("bytes between nodes change with the version by which nodes know each other") {
    CHECK(pair_of(link::protocol_version, digest_of(is_between_nodes))
          == "version 5, files 19113b6207ed557c");
  }

  TEST_CASE("bytes between a client and a node change with the version that both speak") {
    CHECK(pair_of(client::protocol_version, digest_of(is_of_clients))
          == "version 2, files a129d20770e72768");
  }
}
