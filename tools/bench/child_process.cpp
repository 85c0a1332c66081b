#include "tools/bench/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <sys/wait.h>
#include <unistd.h>

namespace grape::bench {

namespace {

status system_error(const std::string& what) {
  return {errc::io_error, what + ": " + std::strerror(errno)};
}

[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> pointers{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments)
    pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  execv(program.c_str(), pointers.data());
  _exit(127);
}

} // namespace

outcome<std::unique_ptr<child_process>>
child_process::start(const std::string& program, const std::vector<std::string>& arguments) {
  int to[2];
  int from[2];
  if (pipe(to) != 0 || pipe(from) != 0)
    return system_error("pipe");
  std::signal(SIGPIPE, SIG_IGN); // A dead program is an error of `send`, not our end.
  const auto process = fork();
  if (process < 0)
    return system_error("fork");
  if (process == 0) {
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    for (const auto end : {to[0], to[1], from[0], from[1]})
      close(end);
    become(program, arguments);
  }
  close(to[0]);
  close(from[1]);
  return std::unique_ptr<child_process>(new child_process(process, to[1], from[0]));
}

child_process::~child_process() {
  close(input_);
  close(output_);
  waitpid(process_, nullptr, 0);
}

void child_process::terminate() const noexcept {
  kill(process_, SIGTERM);
}

status child_process::send(const std::string& line) {
  const auto bytes = line + "\n";
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto count = write(input_, bytes.data() + sent, bytes.size() - sent);
    if (count < 0)
      return system_error("write");
    sent += static_cast<std::size_t>(count);
  }
  return {};
}

outcome<std::string> child_process::receive() {
  auto end = received_.find('\n');
  while (end == std::string::npos) {
    char bytes[4'096];
    const auto count = read(output_, bytes, sizeof bytes);
    if (count <= 0)
      return status{errc::io_error, "the program ended without an answer"};
    received_.append(bytes, static_cast<std::size_t>(count));
    end = received_.find('\n');
  }
  auto line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return line;
}

} // namespace grape::bench
