#pragma once

#include "net/gateway_port.hpp"
#include "tests/stress/ledger.hpp"

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace grape::stress {

inline const std::string collection = "words";

/// What all clients of a run share.
struct scene {
  std::vector<gateway_port*> ports;            ///< One for each node.
  std::vector<gateway_port*> ports_on_callers; ///< The same ones, for threads that help.
  bool faults = false; ///< Actors are killed: answers may be lost, and nodes not ready.
  std::atomic<bool> over{false};
  std::atomic<bool> calm{false}; ///< Writers wait: what is only done in quiet times is done now.
};

/// What one thread did and saw; it shares nothing with others while the run lasts, so as to order
/// nothing that would not be ordered without it.
struct tally {
  std::map<std::string, std::map<errc, std::uint64_t>> answers; ///< By kind of request.
  std::vector<std::string> flaws;                               ///< At most `sentences_max`.

  void flaw(const std::string& sentence);
  void flaw(const std::string& where, const std::vector<std::string>& sentences);
  void add(const tally& other);
};

/// One thread that asks one thing after the other.
class client {
public:
  client(scene& where, std::uint64_t seed)
    : scene_(where)
    , chance_(seed) {}

  const tally& told() const noexcept { return tally_; }

protected:
  /// Asks some node and waits. An answer that a healthy house does not give is a flaw.
  template <class Reply, class Request>
  outcome<Reply> ask(const std::string& kind, Request request, bool helps = false) {
    const auto& ports = helps ? scene_.ports_on_callers : scene_.ports;
    auto& port = *ports[stays_ ? 0 : below(ports.size())];
    auto promise = std::make_shared<std::promise<outcome<Reply>>>();
    auto answer = promise->get_future();
    port.ask(std::move(request), reply_to<Reply>{[promise](outcome<Reply> came) {
               promise->set_value(std::move(came));
             }});
    while (helps && port.work()) {}
    auto came = answer.get();
    judge(kind, came ? status{} : came.error());
    return came;
  }

  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>{0, bound - 1}(chance_);
  }

  bool over() const noexcept { return scene_.over.load(std::memory_order_relaxed); }

  /// Counts an answer; waits a little if it said that there is too much to do.
  void judge(const std::string& kind, const status& answer);

  scene& scene_;
  tally tally_;
  bool stays_ = false; ///< Asks the first node only, where its files lie.

private:
  std::mt19937_64 chance_;
};

/// Whether the request surely did nothing and may be asked again.
bool is_refusal(errc code) noexcept;

} // namespace grape::stress
