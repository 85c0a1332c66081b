#include "tools/graped/journal.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace grape::graped {

struct journal::sink {
  spdlog::logger logger{"graped", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
};

journal::journal() : sink_(std::make_unique<sink>()) {
  sink_->logger.set_pattern("%Y-%m-%dT%H:%M:%S.%e %l graped: %v");
}

journal::~journal() = default;

void journal::notice(const std::string& line) {
  sink_->logger.info("{}", line);
}

void journal::warning(const std::string& line) {
  sink_->logger.warn("{}", line);
}

void journal::error(const std::string& line) {
  sink_->logger.error("{}", line);
}

} // namespace grape::graped
