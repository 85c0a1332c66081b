#include "tools/bench/json_output.hpp"

#include <fstream>
#include <iostream>

namespace grape::bench {

status write_json_output(const std::string& path, const std::string& json) {
  if (path.empty())
    return {};
  if (path == "-") {
    std::cout << json << '\n';
    return {};
  }
  std::ofstream file(path);
  file << json << '\n';
  file.close();
  return file ? status{} : status{errc::io_error, "cannot write " + path};
}

} // namespace grape::bench
