#pragma once

#include "core/outcome.hpp"

#include <memory>
#include <string>
#include <vector>

namespace grape::bench {

/// A program started by us and spoken to line by line. Its stderr is ours. The destructor closes
/// its input and waits for its end.
class child_process {
public:
  /// Errors: io_error.
  static outcome<std::unique_ptr<child_process>> start(const std::string& program,
                                                       const std::vector<std::string>& arguments);

  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// Its number in this system.
  int process() const noexcept { return process_; }

  /// Asks it to end (SIGTERM), for programs that do not end with their input.
  void terminate() const noexcept;

  /// Sends one line; no newline in it. Errors: io_error when the program has ended.
  status send(const std::string& line);

  /// Waits for a line. Errors: io_error when the program ends first.
  outcome<std::string> receive();

private:
  child_process(int process, int input, int output) noexcept
    : process_(process)
    , input_(input)
    , output_(output) {
  }

  int process_;
  int input_;  ///< Of the program; we write.
  int output_; ///< Of the program; we read.
  std::string received_;
};

} // namespace grape::bench
