#pragma once

#include "core/outcome.hpp"
#include "tools/bench/child_process.hpp"
#include "tools/bench/http_connection.hpp"
#include "tools/bench/http_process.hpp"

#include <memory>
#include <string>

namespace grape::bench {

/// A graped of our own on loopback, with a new data directory and any free port. The destructor
/// ends it in order and removes its data.
class own_node {
public:
  /// Returns when it serves. `folder` is where its data directory is made. Errors: io_error.
  static outcome<std::unique_ptr<own_node>> start(const std::string& folder);

  ~own_node();
  own_node(const own_node&) = delete;
  own_node& operator=(const own_node&) = delete;

  const http_address& where() const noexcept { return where_; }
  const process_meter& meter() const noexcept { return *meter_; }

private:
  own_node() = default;

  std::string data_;
  std::unique_ptr<child_process> program_;
  http_address where_;
  std::unique_ptr<process_meter> meter_;
};

} // namespace grape::bench
