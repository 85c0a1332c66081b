#pragma once

#include "net/http/server.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>

namespace grape::ctl {

struct outcome_of_run {
  int code = -1;
  std::string text; ///< stdout and stderr, as they come.
};

inline outcome_of_run run(const std::string& words) {
  outcome_of_run made;
  auto* pipe = ::popen((GRAPECTL " " + words + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  char piece[4096];
  while (const auto read = std::fread(piece, 1, sizeof piece, pipe))
    made.text.append(piece, read);
  made.code = WEXITSTATUS(::pclose(pipe));
  return made;
}

/// A node that knows a few answers by heart.
class parrot {
public:
  explicit parrot(std::map<std::string, std::string> answers) : answers_(std::move(answers)) {
    http::server_options options;
    options.port = 0;
    auto started = http::server::start(options, [this](http::request asked, auto respond) {
      http::response answer;
      const auto known = answers_.find(asked.path + asked.body);
      if (known == answers_.end()) {
        answer.status = 404;
        answer.body = R"({"status":{"error":"Not found: )" + asked.path + R"("},"time":0.1})";
      } else {
        answer.body = known->second;
      }
      respond(std::move(answer));
    });
    REQUIRE(started.ok());
    server_ = std::move(started).value();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

  outcome_of_run run(const std::string& words) const {
    return ctl::run("--host " + url() + " " + words);
  }

private:
  std::map<std::string, std::string> answers_;
  std::unique_ptr<http::server> server_;
};

inline std::string result(const std::string& of) {
  return R"({"result":)" + of + R"(,"status":"ok","time":0.001})";
}

} // namespace grape::ctl
