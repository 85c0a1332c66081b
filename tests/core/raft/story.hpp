#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace grape::testing {

/// A text of commands for raft_drive and of what must be true of their answers:
///
///     # why, in words
///     hup 1
///     repeat 3 prop 1 x
///     state 1
///     = role=L term=1 progress.2.match=4     these members of the answer
///     log 1
///     = terms 1 1x3                          its entries' terms; 1x3 stands for 1 1 1
///     wire
///     = rows app 1>2 | app 1>3               all rows: type from>to
///     = row app 1>2 index=0 n=1              there is a row with these columns
///     = {"index":4,"term":1}                 the answer, letter by letter; also [..]
///     prop 9 x
///     = error                                it refuses
///
/// A command without any `=` must not answer with an error.
struct story {
  std::string name; ///< Of the file, without its end.
  std::string text;
};

struct told_story {
  std::size_t checks = 0;
  std::string faults; ///< Line, command, what was expected and what came; empty = none.
};

std::vector<story> stories_in(const std::string& folder); ///< By name.

told_story tell(const story& which);

} // namespace grape::testing
