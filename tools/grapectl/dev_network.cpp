#include "tools/grapectl/dev_network.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <sys/wait.h>
#include <unistd.h>

namespace grape::ctl {

namespace {

/// FNV-1a: short names that differ from folder to folder.
std::uint32_t digest_of(const std::string& text) {
  std::uint32_t sum = 2'166'136'261U;
  for (const auto c : text)
    sum = (sum ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return sum;
}

std::string text_of(const std::vector<std::string>& command) {
  std::string text;
  for (const auto& word : command)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string rest_of(int pipe) {
  std::string text;
  char part[512];
  for (ssize_t got = 0; (got = ::read(pipe, part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(got));
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

/// Runs it to its end. Errors: io_error with what it said.
status run(const std::vector<std::string>& command) {
  int ends[2];
  if (::pipe(ends) != 0)
    return {errc::io_error, std::string{"pipe: "} + std::strerror(errno)};
  std::vector<char*> words;
  for (const auto& word : command)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const auto child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::execvp(words[0], words.data());
    std::perror(words[0]);
    ::_exit(127);
  }
  ::close(ends[1]);
  const auto said = rest_of(ends[0]);
  ::close(ends[0]);
  int ended = 0;
  if (child < 0 || ::waitpid(child, &ended, 0) != child || ended != 0)
    return {errc::io_error, "`" + text_of(command) + "` failed: " + said};
  return {};
}

status run_all(const std::vector<std::vector<std::string>>& commands) {
  for (const auto& command : commands)
    if (auto ran = run(command); !ran.ok())
      return ran;
  return {};
}

bool has_interface(const std::string& name) {
  return std::filesystem::exists("/sys/class/net/" + name);
}

} // namespace

dev_network::dev_network(const std::filesystem::path& folder) {
  const auto sum = digest_of(folder.string());
  char tag[16];
  std::snprintf(tag, sizeof tag, "gd%06x", sum & 0xFFFFFFU);
  tag_ = tag;
  prefix_ = "10." + std::to_string(100 + sum % 100) + "." + std::to_string(sum / 100 % 250) + ".";
}

std::string dev_network::address(std::uint32_t place) const {
  return prefix_ + std::to_string(place + 1);
}

std::string dev_network::space(std::uint32_t place) const {
  return tag_ + "n" + std::to_string(place + 1);
}

std::vector<std::string> dev_network::around(std::uint32_t place) const {
  return {"ip", "netns", "exec", space(place)};
}

status dev_network::inside(std::uint32_t place, std::vector<std::string> command) const {
  auto all = around(place);
  all.insert(all.end(), command.begin(), command.end());
  return run(all);
}

status dev_network::raise_place(std::uint32_t place) const {
  if (std::filesystem::exists("/run/netns/" + space(place)))
    return {};
  const auto near_end = tag_ + "v" + std::to_string(place + 1);
  if (auto made = run_all({{"ip", "netns", "add", space(place)},
                           {"ip", "link", "add", near_end, "type", "veth", "peer", "name", "eth0",
                            "netns", space(place)},
                           {"ip", "link", "set", near_end, "master", tag_ + "b", "up"}});
      !made.ok())
    return made;
  if (auto named = inside(place, {"ip", "addr", "add", address(place) + "/24", "dev", "eth0"});
      !named.ok())
    return named;
  if (auto up = inside(place, {"ip", "link", "set", "eth0", "up"}); !up.ok())
    return up;
  return inside(place, {"ip", "link", "set", "lo", "up"});
}

status dev_network::raise(std::uint32_t places) const {
  const auto bridge = tag_ + "b";
  if (!has_interface(bridge))
    if (auto made = run_all({{"ip", "link", "add", bridge, "type", "bridge"},
                             {"ip", "addr", "add", prefix_ + "254/24", "dev", bridge},
                             {"ip", "link", "set", bridge, "up"}});
        !made.ok())
      return made;
  for (std::uint32_t place = 0; place < places; ++place)
    if (auto made = raise_place(place); !made.ok())
      return made;
  return {};
}

status dev_network::cut(std::uint32_t places, const std::set<std::uint32_t>& apart) const {
  // What is for the others goes to a hardware address that nobody has.
  for (std::uint32_t from = 0; from < places; ++from)
    for (std::uint32_t to = 0; to < places; ++to)
      if (apart.contains(from) != apart.contains(to))
        if (auto done = inside(from, {"ip", "neigh", "replace", address(to), "lladdr",
                                      "02:00:00:00:00:01", "dev", "eth0", "nud", "permanent"});
            !done.ok())
          return done;
  return {};
}

status dev_network::heal(std::uint32_t places) const {
  for (std::uint32_t place = 0; place < places; ++place)
    if (auto done = inside(place, {"ip", "neigh", "flush", "dev", "eth0", "nud", "permanent"});
        !done.ok())
      return done;
  return {};
}

void dev_network::remove(std::uint32_t places) const {
  for (std::uint32_t place = 0; place < places; ++place)
    if (std::filesystem::exists("/run/netns/" + space(place)))
      (void)run({"ip", "netns", "del", space(place)});
  if (has_interface(tag_ + "b"))
    (void)run({"ip", "link", "del", tag_ + "b"});
}

} // namespace grape::ctl
