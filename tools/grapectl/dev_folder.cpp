#include "tools/grapectl/dev_folder.hpp"

#include "tools/grapectl/dev_network.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace grape::ctl {

namespace {

constexpr std::uint32_t port_step = 10;
constexpr std::uint32_t peer_offset = 2;
constexpr std::uint32_t runs_tried = 50;
constexpr const char* local_host = "127.0.0.1";

bool is_free(std::uint32_t port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0)
    return false;
  const int yes = 1;
  ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes); // As the nodes do.
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound =
      ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return bound;
}

bool are_free(std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i)
    if (!is_free(first + i * port_step) || !is_free(first + i * port_step + peer_offset))
      return false;
  return true;
}

std::string name_of(std::uint32_t index) {
  return "n" + std::to_string(index + 1);
}

/// Where one node will be.
struct place {
  std::string host;
  std::uint32_t http = 0;
};

std::string peer_address(const place& of) {
  return of.host + ":" + std::to_string(of.http + peer_offset);
}

std::string config_text(const std::filesystem::path& dir, std::uint32_t index,
                        const std::vector<place>& all) {
  const auto& own = all[index];
  const bool loopback = own.host == local_host;
  std::ostringstream text;
  text << "# Written by grapectl dev up.\n[node]\nid = \"" << name_of(index) << "\"\ndata_dir = \""
       << (dir / name_of(index)).string() << "\"\n\n[http]\nbind = \"" << own.host
       << "\"\nport = " << own.http << "\n\n[peer]\nbind = \"" << own.host
       << "\"\nport = " << own.http + peer_offset << "\n"
       << (loopback ? "" : "insecure = true # this machine's own networks\n");
  if (all.size() == 1)
    return text.str();
  text << "\n[cluster]\nname = \"dev\"\nfounders = [";
  for (std::uint32_t i = 0; i < all.size(); ++i)
    text << (i == 0 ? "" : ", ") << "\"" << name_of(i) << "=" << peer_address(all[i]) << "\"";
  text << "]\n";
  return text.str();
}

status failed(const std::string& what) {
  return {errc::io_error, what + ": " + std::strerror(errno)};
}

/// What the [http] section of a file that `config_text` made says of `key`, without quotes.
std::string http_value_in(const std::filesystem::path& config, const std::string& key) {
  std::ifstream file{config};
  std::string line;
  bool here = false;
  while (std::getline(file, line)) {
    if (line.starts_with('['))
      here = line == "[http]";
    else if (here && line.starts_with(key + " = ")) {
      auto value = line.substr(key.size() + 3);
      std::erase(value, '"');
      return value;
    }
  }
  return {};
}

status write_configs(const std::filesystem::path& dir, const std::vector<place>& all) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error)
    return {errc::io_error, dir.string() + ": " + error.message()};
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    const auto path = dir / (name_of(i) + ".toml");
    std::ofstream file{path};
    file << config_text(dir, i, all);
    if (!file.flush())
      return failed(path.string());
  }
  return {};
}

/// In the child: becomes the node.
[[noreturn]] void become(const dev_node& node, const std::string& program) {
  ::setsid();
  const int log = ::open(node.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (log >= 0 && nothing >= 0) {
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    auto command = node.around;
    command.insert(command.end(), {program, "--config", node.config.string()});
    std::vector<char*> words;
    for (auto& word : command)
      words.push_back(word.data());
    words.push_back(nullptr);
    ::execvp(words[0], words.data());
  }
  ::_exit(127);
}

} // namespace

status make_dev_nodes(const std::filesystem::path& dir, std::uint32_t count, std::uint16_t port) {
  std::uint32_t first = port;
  const auto step = std::max<std::uint32_t>(100, count * port_step);
  for (std::uint32_t run = 0; !are_free(first, count); first += step)
    if (++run == runs_tried || first + 2 * step > 0xFFFF)
      return {errc::no_space, "no free ports from " + std::to_string(port) + " on"};
  std::vector<place> all;
  for (std::uint32_t i = 0; i < count; ++i)
    all.push_back({local_host, first + i * port_step});
  return write_configs(dir, all);
}

status make_private_dev_nodes(const std::filesystem::path& dir, std::uint32_t count,
                              std::uint16_t port) {
  const dev_network network{dir};
  std::vector<place> all;
  for (std::uint32_t i = 0; i < count; ++i)
    all.push_back({network.address(i), port});
  return write_configs(dir, all);
}

bool is_private(const std::vector<dev_node>& nodes) {
  return !nodes.empty() && !nodes.front().around.empty();
}

outcome<std::vector<dev_node>> dev_nodes_in(const std::filesystem::path& dir) {
  std::vector<dev_node> found;
  for (std::uint32_t i = 0;; ++i) {
    const auto name = name_of(i);
    const auto config = dir / (name + ".toml");
    if (!std::filesystem::exists(config))
      return found;
    const auto host = http_value_in(config, "bind");
    const auto port = std::strtoul(http_value_in(config, "port").c_str(), nullptr, 10);
    if (host.empty() || port == 0 || port > 0xFFFF)
      return status{errc::malformed, config.string() + ": no [http] bind and port"};
    const bool alone = host == dev_network{dir}.address(i);
    found.push_back({name, config, dir / (name + ".log"), dir / (name + ".pid"),
                     {host, static_cast<std::uint16_t>(port)},
                     alone ? dev_network{dir}.around(i) : std::vector<std::string>{}});
  }
}

pid_t process_of(const dev_node& node) {
  pid_t pid = 0;
  std::ifstream{node.pid_file} >> pid;
  if (pid <= 0)
    return 0;
  std::ifstream file{"/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary};
  const std::string line{std::istreambuf_iterator<char>{file}, {}};
  return line.find(node.config.string()) == std::string::npos ? 0 : pid; // A zombie has no line.
}

status start_process(const dev_node& node, const std::string& program) {
  if (::access(program.c_str(), X_OK) != 0)
    return failed(program);
  const auto pid = ::fork();
  if (pid < 0)
    return failed("fork");
  if (pid == 0)
    become(node, program);
  std::ofstream file{node.pid_file};
  file << pid << "\n";
  return file.flush() ? status{} : failed(node.pid_file.string());
}

} // namespace grape::ctl
