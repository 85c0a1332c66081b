#include "core/link/pinging.hpp"

#include "core/check.hpp"

#include <algorithm>

namespace grape::link {

namespace {

// So many pings may be on their way: round trips longer than `quiet_us` are measured too.
constexpr std::size_t sent_max = 8;

constexpr double weight_of_sample = 1.0 / 8; // RFC 6298, section 2.

} // namespace

pinging::pinging(const ping_options& options, std::uint64_t now_us)
  : options_(options)
  , heard_us_(now_us)
  , sampled_us_(now_us) {
  GRAPE_CHECK(options.samples_max >= 1);
}

std::optional<std::uint64_t> pinging::due(std::uint64_t now_us) {
  if (now_us < wake_us())
    return std::nullopt;
  sent_us_ = now_us;
  sent_.push_back({++last_number_, now_us});
  if (sent_.size() > sent_max)
    sent_.pop_front();
  return last_number_;
}

std::uint64_t pinging::wake_us() const noexcept {
  const auto wanted = std::min(heard_us_ + options_.quiet_us, sampled_us_ + options_.sample_us);
  return sent_us_ ? std::max(wanted, *sent_us_ + options_.quiet_us) : wanted;
}

void pinging::answered(std::uint64_t number, std::uint64_t now_us) {
  const auto found = std::find_if(sent_.begin(), sent_.end(),
                                  [number](const auto& ping) { return ping.number == number; });
  if (found == sent_.end())
    return;
  const auto sample_us = now_us - found->at_us;
  sent_.erase(found);
  sampled_us_ = now_us;
  samples_us_.push_back(sample_us);
  if (samples_us_.size() > options_.samples_max)
    samples_us_.pop_front();
  const auto sample = static_cast<double>(sample_us);
  smoothed_us_ =
      smoothed_us_ ? *smoothed_us_ + weight_of_sample * (sample - *smoothed_us_) : sample;
}

std::optional<std::uint64_t> pinging::min_us() const {
  if (samples_us_.empty())
    return std::nullopt;
  return *std::min_element(samples_us_.begin(), samples_us_.end());
}

} // namespace grape::link
