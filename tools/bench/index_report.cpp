#include "tools/bench/index_report.hpp"

#include "core/vector/kernels.hpp"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

namespace grape::bench {

namespace {

constexpr double recalls[] = {0.90, 0.95, 0.99};

/// Pass by pass the median over the repetitions.
curve middle_of(const std::vector<curve>& curves) {
  curve middle;
  if (curves.empty())
    return middle;
  for (std::size_t i = 0; i < curves.front().size(); ++i) {
    std::vector<double> recall;
    std::vector<double> cpu;
    std::vector<double> wall;
    for (const auto& one : curves) {
      recall.push_back(one[i].recall);
      cpu.push_back(one[i].queries_per_second);
      wall.push_back(one[i].wall_queries_per_second);
    }
    middle.push_back({curves.front()[i].ef, *median(recall), *median(cpu), *median(wall)});
  }
  return middle;
}

std::string number(const std::optional<double>& value, const char* format) {
  if (!value)
    return "-";
  char text[64];
  std::snprintf(text, sizeof text, format, *value);
  return text;
}

std::string json_number(const std::optional<double>& value) {
  return value ? number(value, "%.6g") : "null";
}

std::string json_curve(const curve& along) {
  std::string text = "[";
  for (const auto& one : along)
    text += (text.size() == 1 ? "" : ", ") + std::string("{\"ef\": ") + std::to_string(one.ef)
            + ", \"recall\": " + json_number(one.recall)
            + ", \"qps_cpu\": " + json_number(one.queries_per_second)
            + ", \"qps_wall\": " + json_number(one.wall_queries_per_second) + "}";
  return text + "]";
}

std::string json_text(const std::string& text) {
  std::string quoted = "\"";
  for (const auto c : text) {
    if (c == '"' || c == '\\')
      quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

status write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path);
  file << content;
  file.close();
  return file ? status{} : status{errc::io_error, "cannot write " + path};
}

} // namespace

index_report::index_report(const index_bench_options& options, const data_set& data,
                           const index::segment& over)
  : options_(options)
  , rows_(data.base.rows())
  , dimension_(data.base.width)
  , queries_(data.queries.rows())
  , bytes_(over.bytes())
  , code_(over.code()) {
}

void index_report::add(curve grape, curve stock) {
  grape_.push_back(std::move(grape));
  if (!stock.empty())
    stock_.push_back(std::move(stock));
}

index_report::at_equal_recall index_report::compare(double recall) const {
  std::vector<double> grape, grape_ef, stock, stock_ef, ratio;
  for (std::size_t i = 0; i < grape_.size(); ++i) {
    const auto ours = at_recall(grape_[i], recall);
    if (ours) {
      grape.push_back(ours->queries_per_second);
      grape_ef.push_back(ours->ef);
    }
    if (i >= stock_.size())
      continue;
    if (const auto theirs = at_recall(stock_[i], recall)) {
      stock.push_back(theirs->queries_per_second);
      stock_ef.push_back(theirs->ef);
      if (ours)
        ratio.push_back(ours->queries_per_second / theirs->queries_per_second);
    }
  }
  return {recall, median(grape), median(grape_ef), median(stock), median(stock_ef), median(ratio)};
}

std::uint32_t index_report::ef_at(double recall) const {
  const auto ef = compare(recall).grape_ef;
  return ef ? static_cast<std::uint32_t>(std::lround(*ef)) : options_.efs.back();
}

void index_report::print_table(std::ostream& to) const {
  to << rows_ << " x " << dimension_ << ", " << to_string(options_.kind) << ", " << queries_
     << " queries, k " << options_.k << ", m " << options_.m << ", ef_construct "
     << options_.ef_construct << ", " << to_string(code_) << ", " << to_string(options_.with)
     << ", one thread, queries per second of processor time, medians of " << grape_.size()
     << " interleaved repetitions\n\n";
  to << "recall@" << options_.k << "   Grape   (ef)   stock " << options_.stock
     << "   (ef)   ratio\n";
  for (const auto recall : recalls) {
    const auto row = compare(recall);
    char line[128];
    std::snprintf(line, sizeof line, "%9.2f %7s %6s %15s %6s %7s\n", recall,
                  number(row.grape, "%.0f").c_str(), number(row.grape_ef, "%.0f").c_str(),
                  number(row.stock, "%.0f").c_str(), number(row.stock_ef, "%.0f").c_str(),
                  number(row.ratio, "%.2f").c_str());
    to << line;
  }
  to << "\nengine             ef   recall    qps (cpu)   qps (wall)\n";
  const auto list = [&](const char* name, const curve& along) {
    for (const auto& one : along) {
      char line[128];
      std::snprintf(line, sizeof line, "%-14s %6u %8.4f %12.0f %12.0f\n", name, one.ef, one.recall,
                    one.queries_per_second, one.wall_queries_per_second);
      to << line;
    }
  };
  list("Grape", middle_of(grape_));
  list(("stock " + options_.stock).c_str(), middle_of(stock_));
  if (scaling_) {
    char line[160];
    std::snprintf(line, sizeof line,
                  "\nGrape, ef %u, %zu threads: %.2fx one thread by processor time, %.2fx by the "
                  "wall clock\n",
                  scaling_->ef, scaling_->threads, scaling_->by_cpu, scaling_->by_wall);
    to << line;
  }
}

std::string index_report::json() const {
  std::ostringstream to;
  to << "{\"data\": " << json_text(options_.data) << ", \"rows\": " << rows_
     << ", \"dimension\": " << dimension_
     << ", \"metric\": " << json_text(std::string(to_string(options_.kind)))
     << ", \"queries\": " << queries_ << ", \"k\": " << options_.k << ", \"m\": " << options_.m
     << ", \"ef_construct\": " << options_.ef_construct
     << ", \"code\": " << json_text(std::string(to_string(code_)))
     << ", \"isa\": " << json_text(std::string(to_string(options_.with)))
     << ", \"repetitions\": " << grape_.size() << ", \"segment_bytes\": " << bytes_
     << ",\n \"at_recall\": [";
  const char* separator = "";
  for (const auto recall : recalls) {
    const auto row = compare(recall);
    to << separator << "{\"recall\": " << recall << ", \"grape_qps\": " << json_number(row.grape)
       << ", \"grape_ef\": " << json_number(row.grape_ef)
       << ", \"stock_qps\": " << json_number(row.stock)
       << ", \"stock_ef\": " << json_number(row.stock_ef)
       << ", \"ratio\": " << json_number(row.ratio) << "}";
    separator = ", ";
  }
  to << "],\n \"grape\": " << json_curve(middle_of(grape_))
     << ",\n \"stock\": " << json_curve(middle_of(stock_)) << "}\n";
  return to.str();
}

status index_report::finish() const {
  print_table(options_.json == "-" ? std::cerr : std::cout);
  if (options_.json == "-")
    std::cout << json();
  else if (!options_.json.empty())
    if (auto written = write_file(options_.json, json()); !written.ok())
      return written;
  if (options_.svg.empty())
    return {};
  std::vector<plotted_curve> curves{{"Grape", "#7b2d8b", middle_of(grape_)}};
  if (!stock_.empty())
    curves.push_back({options_.stock == "hnswlib" ? "hnswlib, -march=native" : options_.stock,
                      "#888888", middle_of(stock_)});
  return write_file(options_.svg, svg_plot(std::to_string(rows_) + " x "
                                             + std::to_string(dimension_) + ", "
                                             + std::string(to_string(options_.kind))
                                             + ", one thread",
                                           curves));
}

} // namespace grape::bench
