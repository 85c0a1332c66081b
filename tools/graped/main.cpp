#include "tools/graped/serve.hpp"

#include "config/read_config.hpp"
#include "core/storage/open_files.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <optional>
#include <string>

namespace {

/// What the command line said; what is absent stays as configured.
struct arguments {
  std::string config;
  std::optional<std::string> data_dir;
  std::optional<std::uint16_t> http_port;
};

grape::outcome<grape::node_config> configure(const arguments& given) {
  auto config = given.config.empty() ? grape::read_default_config()
                                     : grape::read_config_file(given.config);
  if (!config)
    return config;
  if (given.data_dir)
    config->node.data_dir = *given.data_dir;
  if (given.http_port)
    config->http.port = *given.http_port;
  return config;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"A node of Grape, the distributed vector database. Without arguments: a single node "
               "on 127.0.0.1:6333 with its data in ./grape-data.\n"
               "Exit codes: 0 ended in order, 2 bad configuration, 3 data directory or port not "
               "usable, 4 a failure that the node could not heal."};
  arguments given;
  app.add_option("--config", given.config, "TOML file; see config/single.toml");
  app.add_option("--data-dir", given.data_dir, "Where the data is; created if absent");
  app.add_option("--http-port", given.http_port, "0 = any free port");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : grape::graped::bad_configuration;
  }
  const auto config = configure(given);
  if (!config) {
    std::fprintf(stderr, "graped: %s\n", config.error().detail.c_str());
    return grape::graped::bad_configuration;
  }
  grape::storage::raise_open_files();
  return grape::graped::serve(*config);
}
