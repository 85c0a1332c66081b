#include "tools/raft_drive/driver.hpp"

#include <iostream>
#include <string>

/// One command per line in, one line of JSON per command out; see README.md.
int main() {
  grape::raft_drive::driver driver;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << driver.answer(line) << std::endl;
  return 0;
}
