#include "tests/simulation/network.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace grape::simulation {

namespace {

constexpr std::uint64_t network_stream = 2;
constexpr std::uint32_t nobody = ~std::uint32_t{0};

std::uint32_t bit(raft::message_kind kind) noexcept {
  return std::uint32_t{1} << static_cast<unsigned>(kind);
}

} // namespace

std::string_view to_string(partition_kind kind) noexcept {
  static constexpr std::array<std::string_view, 7> names = {"one",     "halves", "bridge", "ring",
                                                            "one_way", "kinds",  "links"};
  return names[static_cast<std::size_t>(kind)];
}

network::network(const storm& how, std::uint64_t seed)
  : how_(how)
  , luck_(seed, network_stream) {}

void network::grow(std::size_t nodes) {
  std::vector<way> wider(nodes * nodes);
  for (std::size_t from = 0; from < nodes_; ++from)
    for (std::size_t to = 0; to < nodes_; ++to)
      wider[from * nodes + to] = ways_[from * nodes_ + to];
  ways_ = std::move(wider);
  nodes_ = nodes;
}

network::arrivals network::send(std::uint32_t from, std::uint32_t to, raft::message_kind kind,
                                instant now) {
  auto& along = at(from, to);
  const auto lost = luck_.per_million(how_.loss_ppm);
  if (lost || along.blocked || (along.blocked_kinds & bit(kind)) != 0
      || (how_.capacity != 0 && along.under_way >= how_.capacity))
    return {};
  arrivals found;
  const auto copies = luck_.per_million(how_.duplicate_ppm) ? 2u : 1u;
  for (; found.count < copies; ++found.count) {
    auto arrival = std::max(now, along.clogged_until) + how_.latency_min
                   + luck_.exponential(how_.latency_mean);
    if (how_.in_order)
      arrival = std::max(arrival, along.last_arrival);
    along.last_arrival = std::max(arrival, along.last_arrival);
    found.at[found.count] = arrival;
    ++along.under_way;
  }
  return found;
}

bool network::arrived(std::uint32_t from, std::uint32_t to, raft::message_kind kind) {
  auto& along = at(from, to);
  --along.under_way;
  return !along.blocked && (along.blocked_kinds & bit(kind)) == 0;
}

bool network::blocked(std::uint32_t from, std::uint32_t to) const {
  return at(from, to).blocked;
}

partition_kind network::partition() {
  heal();
  const auto kinds = how_.filters_kinds ? 7u : 5u;
  const auto chosen = static_cast<partition_kind>(luck_.below(kinds));
  std::vector<std::uint32_t> order(nodes_);
  std::iota(order.begin(), order.end(), 0u);
  for (auto i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[static_cast<std::size_t>(luck_.below(i))]);
  const auto part = [&order](std::size_t from, std::size_t to) {
    const auto begin = order.begin();
    return std::vector<std::uint32_t>(begin + static_cast<std::ptrdiff_t>(from),
                                      begin + static_cast<std::ptrdiff_t>(to));
  };
  switch (chosen) {
    case partition_kind::one: isolate(order.front()); break;
    case partition_kind::halves: block_sides(part(0, nodes_ / 2), nobody); break;
    case partition_kind::bridge: block_sides(part(1, (nodes_ + 1) / 2), order.front()); break;
    case partition_kind::ring: block_ring(order); break;
    case partition_kind::one_way: {
      const auto deaf = luck_.one_in(2);
      for (std::uint32_t other = 0; other < nodes_; ++other)
        (deaf ? at(other, order.front()) : at(order.front(), other)).blocked = true;
      break;
    }
    case partition_kind::kinds: {
      const auto dropped = static_cast<std::uint32_t>(luck_.next() & luck_.next());
      for (auto& each : ways_)
        each.blocked_kinds = dropped;
      break;
    }
    case partition_kind::links: block_some_links(); break;
  }
  return chosen;
}

void network::block_sides(const std::vector<std::uint32_t>& side, std::uint32_t bridge) {
  const auto inside = [&side](std::uint32_t who) {
    return std::find(side.begin(), side.end(), who) != side.end();
  };
  for (std::uint32_t from = 0; from < nodes_; ++from)
    for (std::uint32_t to = 0; to < nodes_; ++to)
      if (inside(from) != inside(to) && from != bridge && to != bridge)
        at(from, to).blocked = true;
}

void network::block_ring(const std::vector<std::uint32_t>& order) {
  for (auto& each : ways_)
    each.blocked = true;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto next = order[(i + 1) % order.size()];
    at(order[i], next).blocked = at(next, order[i]).blocked = false;
  }
}

void network::block_some_links() {
  for (auto& each : ways_) {
    each.blocked = luck_.one_in(5);
    each.blocked_kinds = luck_.one_in(4) ? static_cast<std::uint32_t>(luck_.next()) : 0;
  }
}

void network::isolate(std::uint32_t node) {
  for (std::uint32_t other = 0; other < nodes_; ++other)
    at(node, other).blocked = at(other, node).blocked = true;
}

void network::clog(instant until) {
  const auto clogged = luck_.one_in(3) ? ways_.size() : 1;
  for (std::size_t i = 0; i < clogged; ++i)
    luck_.pick(ways_).clogged_until = until;
}

void network::heal() {
  for (auto& each : ways_) {
    each.blocked = false;
    each.blocked_kinds = 0;
  }
}

void network::calm() {
  heal();
  for (auto& each : ways_)
    each.clogged_until = each.last_arrival = 0;
  how_.loss_ppm = how_.duplicate_ppm = how_.capacity = 0;
  how_.latency_mean = std::min<instant>(how_.latency_mean, 2 * millisecond);
}

} // namespace grape::simulation
