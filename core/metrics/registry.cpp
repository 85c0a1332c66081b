#include "core/metrics/registry.hpp"

#include "core/check.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <set>
#include <stdexcept>

namespace grape::metrics {

namespace {

/// The library throws on names it does not accept; those are faults of this program.
template <class Make>
decltype(auto) unless_misnamed(Make make) {
  try {
    return make();
  } catch (const std::invalid_argument&) {
    GRAPE_CHECK(!"a metric's name, label name or kind is not usable");
    throw;
  }
}

/// To Prometheus' linter a gauge that ends in _total is a mistake. Some names are not ours to
/// choose; they go without a type.
void show_untyped(prometheus::MetricFamily& family) {
  family.type = prometheus::MetricType::Untyped;
  for (auto& series : family.metric)
    series.untyped.value = series.gauge.value;
}

} // namespace

void counter::add(double by) const {
  held_->Increment(by);
}

void gauge::set(double to) const {
  held_->Set(to);
}

void gauge::add(double by) const {
  if (by >= 0)
    held_->Increment(by);
  else
    held_->Decrement(-by);
}

void bucket_counter::observe(double value) const {
  held_->Observe(value);
}

struct registry::contents {
  mutable std::mutex mutex; ///< Replacing a gauge's series and printing exclude each other.
  prometheus::Registry all;
  std::map<std::string, std::set<prometheus::Gauge*>> replaceable;
};

registry::registry() : contents_(std::make_unique<contents>()) {
}

registry::~registry() = default;

counter registry::counter_of(const std::string& name, const std::string& help, const labels& of) {
  const std::lock_guard lock{contents_->mutex};
  return unless_misnamed([&] {
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(contents_->all);
    return counter{family.Add(of)};
  });
}

gauge registry::gauge_of(const std::string& name, const std::string& help, const labels& of) {
  const std::lock_guard lock{contents_->mutex};
  return unless_misnamed([&] {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(contents_->all);
    return gauge{family.Add(of)};
  });
}

bucket_counter registry::histogram_of(const std::string& name, const std::string& help,
                                      const std::vector<double>& bounds, const labels& of) {
  const std::lock_guard lock{contents_->mutex};
  return unless_misnamed([&] {
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(contents_->all);
    return bucket_counter{family.Add(of, bounds)};
  });
}

void registry::replace_gauges(const std::string& name, const std::string& help,
                              const std::vector<std::pair<labels, double>>& series) {
  const std::lock_guard lock{contents_->mutex};
  unless_misnamed([&] {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(contents_->all);
    auto& shown = contents_->replaceable[name];
    for (auto* old : shown)
      family.Remove(old);
    shown.clear();
    for (const auto& [of, value] : series) {
      auto& added = family.Add(of);
      added.Set(value);
      shown.insert(&added);
    }
  });
}

std::string registry::text() const {
  const std::lock_guard lock{contents_->mutex};
  auto families = contents_->all.Collect();
  for (auto& family : families)
    if (family.type == prometheus::MetricType::Gauge && family.name.ends_with("_total"))
      show_untyped(family);
  return prometheus::TextSerializer{}.Serialize(families);
}

} // namespace grape::metrics
