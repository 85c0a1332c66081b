#include "tools/simulate/drawing.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string_view>

namespace grape::simulate {

namespace {

using simulation::instant;
using simulation::no_node;
using simulation::record;

constexpr double left = 70;
constexpr double top = 60;
constexpr double lane_height = 90;
constexpr double second_width = 400;

/// A colour-blind safe palette (Okabe, Ito 2008).
std::string_view colour(raft::role role) {
  switch (role) {
    case raft::role::follower: return "#56b4e9";
    case raft::role::pre_candidate: return "#f0e442";
    case raft::role::candidate: return "#e69f00";
    case raft::role::leader: return "#009e73";
  }
  return "#000000";
}

std::string_view colour_of_message(std::string_view kind) {
  if (kind.substr(0, 4) == "vote" || kind.substr(0, 7) == "prevote" || kind == "timeout_now")
    return "#e69f00";
  if (kind.substr(0, 9) == "heartbeat")
    return "#bbbbbb";
  if (kind == "snapshot")
    return "#cc79a7";
  return kind.substr(0, 6) == "append" ? "#0072b2" : "#999999";
}

template <class... Values>
std::string print(const char* format, Values... values) {
  std::array<char, 400> line{};
  std::snprintf(line.data(), line.size(), format, values...);
  return line.data();
}

/// What a lane showed last, to draw it up to the next change.
struct lane {
  bool up = false;
  raft::role role{};
  std::uint64_t term = 0;
  std::uint64_t commit = 0;
  double since = left;
};

class canvas {
public:
  canvas(instant from, instant to)
    : from_(from)
    , to_(to) {}

  double x(instant at) const {
    const auto shown = std::clamp(at, from_, to_) - from_;
    return left + static_cast<double>(shown) / 1e6 * second_width;
  }

  static double y(std::uint32_t node) { return top + lane_height * (node + 0.5); }

  void show(const record& next) {
    if (next.event == "deliver" || next.event == "lose")
      message(next);
    if (next.event == "fault" || next.event == "partition" || next.event == "heal"
        || next.event == "calm")
      moment(next);
    if (next.node != no_node && next.event != "lose")
      change(next);
  }

  std::string finish(const std::string& title) {
    for (auto& [node, is] : lanes_)
      bar(node, is, x(to_));
    const auto height = top + lane_height * static_cast<double>(lanes_.size()) + 40;
    auto all = print("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                     "font-family=\"sans-serif\" font-size=\"11\">\n"
                     "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
                     x(to_) + 40, height);
    all += "<text x=\"10\" y=\"18\" font-size=\"14\">" + title + "</text>\n" + legend();
    for (const auto& [node, is] : lanes_)
      all += print("<text x=\"10\" y=\"%.0f\">replica %u</text>\n", y(node) + 4, node + 1);
    return all + axis(height) + under_ + over_ + "</svg>\n";
  }

private:
  void message(const record& next) {
    if (next.node == no_node || next.other == no_node)
      return;
    const auto lost = next.event == "lose";
    const auto from_y = y(next.other);
    const auto share = lost ? 0.35 : 1.0;
    under_ += print("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" "
                    "stroke-width=\"%.1f\"%s><title>%s %u to %u</title></line>\n",
                    x(next.since), from_y, x(next.at), from_y + (y(next.node) - from_y) * share,
                    colour_of_message(next.what).data(), next.count != 0 ? 1.6 : 0.8,
                    lost ? " stroke-dasharray=\"3 3\"" : "", next.what.data(), next.other + 1,
                    next.node + 1);
  }

  void moment(const record& next) {
    const auto at = x(next.at);
    over_ += print("<line x1=\"%.1f\" y1=\"%.0f\" x2=\"%.1f\" y2=\"100%%\" stroke=\"#d55e00\" "
                   "stroke-width=\"0.8\" stroke-dasharray=\"2 4\"/>\n",
                   at, top - 14, at);
    over_ +=
        print("<text x=\"%.1f\" y=\"%.0f\" font-size=\"9\" fill=\"#d55e00\">%s %s</text>\n", at + 2,
              top - 14, std::string{next.event}.c_str(), std::string{next.what}.c_str());
  }

  void change(const record& next) {
    auto& is = lanes_[next.node];
    const auto at = x(next.at);
    if (next.up != is.up || next.role != is.role || next.term != is.term) {
      bar(next.node, is, at);
      if (next.up)
        over_ += print("<text x=\"%.1f\" y=\"%.1f\" font-size=\"9\">%llu</text>\n", at + 1,
                       y(next.node) - 8, static_cast<unsigned long long>(next.term));
      if (is.up && !next.up)
        over_ += print("<text x=\"%.1f\" y=\"%.1f\" fill=\"#d55e00\" font-size=\"16\">&#215;"
                       "</text>\n",
                       at - 5, y(next.node) + 5);
      is = {next.up, next.role, next.term, is.commit, at};
    }
    if (next.up && next.commit > is.commit) {
      is.commit = next.commit;
      over_ += print("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\" fill=\"black\"><title>commit %llu"
                     "</title></circle>\n",
                     at, y(next.node), static_cast<unsigned long long>(next.commit));
    }
  }

  void bar(std::uint32_t node, const lane& is, double until) {
    if (is.up && until > is.since)
      over_ += print("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" "
                     "stroke-width=\"5\" stroke-opacity=\"0.8\"/>\n",
                     is.since, y(node), until, y(node), colour(is.role).data());
  }

  static std::string legend() {
    std::string line;
    double at = left;
    for (const auto role : {raft::role::follower, raft::role::pre_candidate, raft::role::candidate,
                            raft::role::leader}) {
      line += print("<rect x=\"%.0f\" y=\"26\" width=\"14\" height=\"8\" fill=\"%s\"/>", at,
                    colour(role).data());
      line += print("<text x=\"%.0f\" y=\"34\">%s</text>\n", at + 18,
                    simulation::to_string(role).data());
      at += 110;
    }
    return line
           + print("<text x=\"%.0f\" y=\"34\">a dot: commit; a number: the term; dashes: lost; "
                   "a cross: down</text>\n",
                   at);
  }

  std::string axis(double height) const {
    std::string line;
    for (auto at = (from_ / 500'000 + 1) * 500'000; at <= to_; at += 500'000)
      line += print("<text x=\"%.1f\" y=\"%.0f\" fill=\"#666666\">%.1f s</text>\n", x(at),
                    height - 12, static_cast<double>(at) / 1e6);
    return line;
  }

  instant from_;
  instant to_;
  std::map<std::uint32_t, lane> lanes_;
  std::string under_;
  std::string over_;
};

} // namespace

void drawing::add(const record& next) {
  records_.push_back(next);
}

std::string drawing::svg(const std::string& title, double seconds) const {
  const auto to = records_.empty() ? 0 : records_.back().at;
  const auto span = static_cast<instant>(seconds * 1e6);
  canvas sheet{to > span ? to - span : 0, to};
  for (const auto& each : records_)
    if (each.at + span >= to)
      sheet.show(each);
  return sheet.finish(title);
}

} // namespace grape::simulate
