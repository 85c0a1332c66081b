#include "tests/stress/client.hpp"

#include <chrono>
#include <thread>

namespace grape::stress {

void tally::flaw(const std::string& sentence) {
  if (flaws.size() < sentences_max)
    flaws.push_back(sentence);
}

void tally::flaw(const std::string& where, const std::vector<std::string>& sentences) {
  for (const auto& one : sentences)
    flaw(where + ": " + one);
}

void tally::add(const tally& other) {
  for (const auto& [kind, codes] : other.answers)
    for (const auto& [code, count] : codes)
      answers[kind][code] += count;
  flaws.insert(flaws.end(), other.flaws.begin(), other.flaws.end());
}

bool is_refusal(errc code) noexcept {
  return code == errc::overloaded || code == errc::unavailable || code == errc::stale_route;
}

void client::judge(const std::string& kind, const status& answer) {
  ++tally_.answers[kind][answer.code];
  if (answer.ok())
    return;
  const auto of_faults = scene_.faults
                         && (is_refusal(answer.code) || answer.code == errc::commit_unknown
                             || answer.code == errc::timed_out || answer.code == errc::internal);
  if (answer.code != errc::overloaded && !of_faults)
    tally_.flaw(kind + " was answered: " + to_string(answer));
  std::this_thread::sleep_for(std::chrono::milliseconds{1}); // As a polite client would.
}

} // namespace grape::stress
