#include "tools/bench/own_node.hpp"

#include <cstdlib>
#include <filesystem>

namespace grape::bench {

namespace fs = std::filesystem;

outcome<std::unique_ptr<own_node>> own_node::start(const std::string& folder) {
  std::error_code error;
  const auto parent = folder.empty() ? fs::temp_directory_path(error) : fs::path(folder);
  auto pattern = (parent / "grape-bench-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr)
    return status{errc::io_error, "cannot make a folder in " + parent.string()};
  auto made = std::unique_ptr<own_node>(new own_node);
  made->data_ = pattern;
  const auto graped = fs::read_symlink("/proc/self/exe", error).parent_path() / "graped";
  auto program =
      child_process::start("/usr/bin/env", {"GRAPE_PEER_PORT=0", graped.string(), "--data-dir",
                                            made->data_, "--http-port", "0"});
  if (!program)
    return std::move(program).error();
  made->program_ = std::move(*program);
  auto said = made->program_->receive();
  for (; said; said = made->program_->receive())
    if (const auto at = said->find("http://"); at != std::string::npos) {
      const auto where = read_url(said->substr(at, said->find_first_of(" \r", at) - at));
      if (!where)
        return where.error();
      made->where_ = *where;
      break;
    }
  if (!said)
    return status{errc::io_error, graped.string() + " did not start"};
  const auto meter = process_meter::of(made->program_->process());
  if (!meter)
    return meter.error();
  made->meter_ = std::make_unique<process_meter>(*meter);
  return made;
}

own_node::~own_node() {
  if (program_)
    program_->terminate();
  program_ = nullptr; // Waits for its end.
  std::error_code ignored;
  fs::remove_all(data_, ignored);
}

} // namespace grape::bench
