#pragma once

#include "core/request/upkeep.hpp"
#include "core/shard/content_digest.hpp"

#include <map>
#include <string>
#include <vector>

namespace grape::archive {

/// What collections hold, by what their replicas say.
struct digest_summary {
  /// By collection. Of each shard the replica that has applied most.
  std::map<std::string, shard::content_digest> collections;

  /// "words/0": replicas that have applied the same differ. They never should.
  std::vector<std::string> differing;
};

/// Of a report of the verb `digest`; replicas that did not answer are left out.
digest_summary sum_up(const storage_report& report);

} // namespace grape::archive
