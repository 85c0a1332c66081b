#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

/// Files that pin formats. They are made once and then never change; a new format version gets
/// new files. GRAPE_WRITE_GOLDEN=1 in the environment makes those that do not exist yet.
namespace grape::testing {

inline std::string golden_path(const std::string& name) {
  return std::string(GRAPE_TEST_DATA) + "/golden/" + name;
}

/// Empty if there is no such file.
inline std::string golden(const std::string& name) {
  std::ifstream file(golden_path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// True if the file holds exactly these bytes.
inline bool is_golden(const std::string& name, const std::string& bytes) {
  if (std::getenv("GRAPE_WRITE_GOLDEN") != nullptr && golden(name).empty())
    std::ofstream(golden_path(name), std::ios::binary) << bytes;
  return golden(name) == bytes;
}

} // namespace grape::testing
