#pragma once

#include <memory>
#include <string>

namespace grape::graped {

/// What a node tells whoever runs it, on stderr, one line each with time and level. Thread-safe.
class journal {
public:
  journal();
  ~journal();

  void notice(const std::string& line);
  void warning(const std::string& line);
  void error(const std::string& line);

private:
  struct sink;
  std::unique_ptr<sink> sink_;
};

} // namespace grape::graped
