#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
} // namespace prometheus

namespace grape::metrics {

/// Label names and values of one series. Values may be any UTF-8.
using labels = std::map<std::string, std::string>;

/// One series that only grows. A handle: cheap to copy, thread-safe, valid while its registry is.
class counter {
public:
  explicit counter(prometheus::Counter& held) : held_(&held) {
  }

  /// `by` is not negative.
  void add(double by = 1) const;

private:
  prometheus::Counter* held_;
};

/// One series that goes up and down. A handle, like `counter`.
class gauge {
public:
  explicit gauge(prometheus::Gauge& held) : held_(&held) {
  }

  void set(double to) const;
  void add(double by) const;

private:
  prometheus::Gauge* held_;
};

/// One series of counts by bucket. A handle, like `counter`.
class bucket_counter {
public:
  explicit bucket_counter(prometheus::Histogram& held) : held_(&held) {
  }

  void observe(double value) const;

private:
  prometheus::Histogram* held_;
};

/// Everything that /metrics shows. Thread-safe. Asking twice for the same name and labels gives
/// the same series. Names, label names and kinds are written by us, so a wrong one (characters,
/// one name for two kinds) is a broken invariant; label values come from anywhere.
class registry {
public:
  registry();
  ~registry();
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;

  counter counter_of(const std::string& name, const std::string& help, const labels& of = {});

  gauge gauge_of(const std::string& name, const std::string& help, const labels& of = {});

  /// `bounds` are upper, inclusive and ascending; +Inf is added. The first call's bounds count.
  bucket_counter histogram_of(const std::string& name, const std::string& help,
                              const std::vector<double>& bounds, const labels& of = {});

  /// The series of `name` become exactly these: for facts gathered when /metrics is asked, where
  /// what is gone must not show. Never mix with `gauge_of` under one name.
  void replace_gauges(const std::string& name, const std::string& help,
                      const std::vector<std::pair<labels, double>>& series);

  /// Prometheus text exposition format 0.0.4. Gauges named x_total are shown without a type.
  std::string text() const;

private:
  struct contents;

  std::unique_ptr<contents> contents_;
};

} // namespace grape::metrics
