#include "core/query/fit.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace grape::query {

namespace {

using numbers = std::vector<double>;

/// ln(1 + e^x), which overflows for no x.
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

/// The penalised loss as a function of the weights, one of each list and the bias last.
class objective {
public:
  objective(const candidates& from, double l2)
    : from_(from)
    , l2_(l2) {}

  std::size_t size() const { return from_.lists + 1; }

  double loss(const numbers& at) const {
    double sum = 0;
    for (std::size_t row = 0; row < from_.relevant.size(); ++row)
      sum += softplus(from_.relevant[row] ? -margin(row, at) : margin(row, at));
    return sum;
  }

  double penalised(const numbers& at) const {
    double squares = 0;
    for (std::size_t i = 0; i < from_.lists; ++i)
      squares += at[i] * at[i];
    return loss(at) + l2_ / 2 * squares;
  }

  /// First derivatives, and second ones row by row.
  std::pair<numbers, numbers> derivatives(const numbers& at) const {
    numbers first(size());
    numbers second(size() * size());
    for (std::size_t row = 0; row < from_.relevant.size(); ++row) {
      const auto share = 1 / (1 + std::exp(-margin(row, at)));
      for (std::size_t i = 0; i < size(); ++i) {
        first[i] += (share - (from_.relevant[row] ? 1 : 0)) * feature(row, i);
        for (std::size_t j = 0; j <= i; ++j)
          second[i * size() + j] += share * (1 - share) * feature(row, i) * feature(row, j);
      }
    }
    for (std::size_t i = 0; i < from_.lists; ++i) {
      first[i] += l2_ * at[i];
      second[i * size() + i] += l2_;
    }
    return {std::move(first), std::move(second)};
  }

private:
  double feature(std::size_t row, std::size_t i) const {
    return i < from_.lists ? from_.scores[row * from_.lists + i] : 1;
  }

  double margin(std::size_t row, const numbers& at) const {
    double sum = 0;
    for (std::size_t i = 0; i < size(); ++i)
      sum += at[i] * feature(row, i);
    return sum;
  }

  const candidates& from_;
  double l2_;
};

/// x with A x = b by Cholesky's method. Of A, symmetric and positive definite, only the lower
/// triangle is read. Nothing if it is not definite as far as doubles can tell.
std::optional<numbers> solve(numbers a, numbers b) {
  const auto n = b.size();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      auto left = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k)
        left -= a[i * n + k] * a[j * n + k];
      if (i == j && !(left > 0))
        return {};
      a[i * n + j] = i == j ? std::sqrt(left) : left / a[j * n + j];
    }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k)
      b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k)
      b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

numbers moved(const numbers& from, const numbers& step, double by) {
  auto made = from;
  for (std::size_t i = 0; i < made.size(); ++i)
    made[i] -= by * step[i];
  return made;
}

/// One step of Newton's method, halved until the loss falls. False once that is done: the last step
/// is a whole one where the loss differs too little for doubles to compare.
bool descend(const objective& of, numbers& at) {
  auto [first, second] = of.derivatives(at);
  const auto step = solve(std::move(second), first);
  if (!step)
    return false;
  const auto before = of.penalised(at);
  const auto promised = std::inner_product(first.begin(), first.end(), step->begin(), 0.0) / 2;
  if (promised < 1e-10 * before) {
    at = moved(at, *step, 1);
    return false;
  }
  for (double by = 1; by > 1e-6; by /= 2) {
    auto next = moved(at, *step, by);
    if (of.penalised(next) < before) {
      at = std::move(next);
      return true;
    }
  }
  return false;
}

} // namespace

status add_candidates(candidates& to, const labelled_lists& from) {
  const auto lists = from.lists.size();
  if (lists == 0)
    return {errc::wrong_input, "no prefetch"};
  if (to.lists != 0 && to.lists != lists)
    return {errc::wrong_input,
            "got " + std::to_string(lists) + " prefetches, expected " + std::to_string(to.lists)};
  to.lists = lists;
  std::map<point_id, std::vector<float>> found;
  for (std::size_t i = 0; i < lists; ++i) {
    const auto scores =
        normalised_scores(from.lists[i], i < from.ascending.size() && from.ascending[i]);
    for (std::size_t j = 0; j < scores.size(); ++j) {
      auto& row = found[from.lists[i][j].point.id];
      row.resize(lists);
      row[i] += scores[j];
    }
  }
  const std::set<point_id> relevant{from.relevant.begin(), from.relevant.end()};
  for (const auto& [id, row] : found) {
    to.scores.insert(to.scores.end(), row.begin(), row.end());
    to.relevant.push_back(relevant.contains(id));
  }
  return {};
}

outcome<fitted_fusion> fit_fusion(const candidates& from, const fit_options& how) {
  GRAPE_CHECK(from.scores.size() == from.lists * from.relevant.size());
  const auto all = from.relevant.size();
  const auto relevant =
      static_cast<std::size_t>(std::count(from.relevant.begin(), from.relevant.end(), true));
  if (!(how.l2 > 0) || !std::isfinite(how.l2))
    return status{errc::wrong_input, "l2 must be above 0"};
  if (relevant == 0 || relevant == all)
    return status{errc::wrong_input,
                  "of " + std::to_string(all) + " candidates " + std::to_string(relevant)
                      + " are relevant: it takes some that are and some that are not"};
  const objective of{from, how.l2};
  numbers at(of.size());
  const auto share = static_cast<double>(relevant) / static_cast<double>(all);
  at.back() = std::log(share / (1 - share));
  fitted_fusion made;
  made.relevant = relevant;
  made.loss_of_share = of.loss(at) / static_cast<double>(all);
  while (made.steps < how.steps_max && descend(of, at))
    ++made.steps;
  made.loss = of.loss(at) / static_cast<double>(all);
  for (std::size_t i = 0; i < from.lists; ++i)
    made.by.weights.push_back(static_cast<float>(at[i]));
  made.by.bias = static_cast<float>(at.back());
  return made;
}

} // namespace grape::query
