#include "core/payload/resolve.hpp"

#include "core/check.hpp"
#include "core/payload/evaluate.hpp"
#include "core/payload/slice.hpp"

#include <algorithm>
#include <bit>
#include <variant>
#include <vector>

namespace grape::payload {

namespace {

slot_set& operator&=(slot_set& to, const slot_set& other) {
  for (std::size_t w = 0; w < to.words().size(); ++w)
    to.words()[w] &= other.words()[w];
  return to;
}

slot_set& operator|=(slot_set& to, const slot_set& other) {
  for (std::size_t w = 0; w < to.words().size(); ++w)
    to.words()[w] |= other.words()[w];
  return to;
}

slot_set without(slot_set from, const slot_set& other) {
  for (std::size_t w = 0; w < from.words().size(); ++w)
    from.words()[w] &= ~other.words()[w];
  return from;
}

/// True of one element says true of the whole: what a nested filter asks of some element holds
/// of the field as a whole as well.
bool speaks_of_elements(const field_test& test) noexcept {
  return !std::holds_alternative<empty_test>(test) && !std::holds_alternative<null_test>(test)
         && !std::holds_alternative<values_count>(test);
}

/// Computes a verdict for a filter from what is in memory. Every verdict stays within `live`, and
/// says nothing once the budget is over: there may be a million conditions.
class bounding {
public:
  bounding(const resolve_context& against, budget& work)
    : against_(against)
    , live_(*against.live)
    , work_(work) {
  }

  verdict operator()(const filter& wanted) const {
    verdict sum{live_, live_};
    for (const auto& c : wanted.must)
      if (goes_on())
        keep(sum, std::visit(*this, c.test));
    if (!wanted.should.empty())
      keep(sum, one_of(wanted.should));
    for (const auto& c : wanted.must_not)
      if (goes_on())
        keep(sum, negation(std::visit(*this, c.test)));
    if (wanted.at_least)
      keep(sum, enough(*wanted.at_least));
    return sum;
  }

  verdict operator()(const field_condition& wanted) const {
    const auto* column = against_.columns == nullptr ? nullptr : against_.columns->find(wanted.key);
    if (column == nullptr)
      return open();
    auto sum = none();
    for (const auto& test : wanted.tests) {
      const auto one = column->test(test, live_.capacity());
      sum.yes |= one.yes;
      sum.possible |= one.possible;
    }
    sum.yes &= live_;
    sum.possible &= live_;
    return sum;
  }

  verdict operator()(const has_id& wanted) const {
    auto sum = none();
    if (!against_.slot_of)
      return sum;
    for (const auto& id : wanted.ids)
      if (const auto at = against_.slot_of(id); at && live_.contains(*at))
        sum.yes.insert(*at);
    sum.possible = sum.yes;
    return sum;
  }

  verdict operator()(const has_vector& wanted) const {
    auto sum = none();
    if (!against_.has_vector)
      return sum;
    live_.for_each([&](slot at) {
      if (against_.has_vector(at, wanted.name))
        sum.yes.insert(at);
    });
    sum.possible = sum.yes;
    return sum;
  }

  verdict operator()(const slice& wanted) const {
    auto sum = none();
    live_.for_each([&](slot at) {
      if (is_in(wanted, against_.id_of(at)))
        sum.yes.insert(at);
    });
    sum.possible = sum.yes;
    return sum;
  }

  /// Elements live in the payload only, but a column over the same values rules points out.
  verdict operator()(const nested& wanted) const {
    auto sum = open();
    const auto where = path::parse(wanted.key);
    if (!where)
      return none();
    for (const auto& c : wanted.inner.must) {
      const auto* field = std::get_if<field_condition>(&c.test);
      if (field == nullptr
          || !std::all_of(field->tests.begin(), field->tests.end(), speaks_of_elements))
        continue;
      if (const auto inside = path::parse(field->key)) {
        const auto full = where->with_every_element().followed_by(*inside).text();
        sum.possible &= (*this)(field_condition{full, field->tests}).possible;
      }
    }
    return sum;
  }

private:
  /// Before each condition; they are no visits.
  bool goes_on() const { return work_.spend(0); }

  verdict none() const { return {slot_set{live_.capacity()}, slot_set{live_.capacity()}}; }

  verdict open() const { return {slot_set{live_.capacity()}, live_}; }

  static void keep(verdict& sum, const verdict& also) {
    sum.yes &= also.yes;
    sum.possible &= also.possible;
  }

  verdict negation(const verdict& of) const {
    return {without(live_, of.possible), without(live_, of.yes)};
  }

  verdict one_of(const std::vector<condition>& conditions) const {
    auto sum = none();
    for (const auto& c : conditions) {
      if (!goes_on())
        break;
      const auto one = std::visit(*this, c.test);
      sum.yes |= one.yes;
      sum.possible |= one.possible;
    }
    return sum;
  }

  verdict enough(const min_should& wanted) const {
    std::vector<std::uint32_t> sure(live_.capacity());
    std::vector<std::uint32_t> perhaps(live_.capacity());
    for (const auto& c : wanted.conditions) {
      if (!goes_on())
        break;
      const auto one = std::visit(*this, c.test);
      one.yes.for_each([&](slot at) { ++sure[at.value]; });
      one.possible.for_each([&](slot at) { ++perhaps[at.value]; });
    }
    auto sum = none();
    live_.for_each([&](slot at) {
      if (sure[at.value] >= wanted.min_count)
        sum.yes.insert(at);
      if (perhaps[at.value] >= wanted.min_count)
        sum.possible.insert(at);
    });
    return sum;
  }

  const resolve_context& against_;
  const slot_set& live_;
  budget& work_;
};

/// Decides one open slot by its payload.
outcome<bool> decide(const filter& wanted, const resolve_context& against,
                     const field_meanings& meanings, slot at, budget& work) {
  auto payload = against.payload_of(at);
  if (!payload)
    return std::move(payload).error();
  const auto has_vector = [&](std::string_view name) {
    return against.has_vector && against.has_vector(at, name);
  };
  return matches(wanted, against.id_of(at), *payload, has_vector, meanings, &work);
}

status out_of_budget(const budget& work) {
  if (work.late())
    return {errc::timed_out, "the filter was not resolved in time"};
  return {errc::too_large, "the filter needs more payload reads than allowed"};
}

} // namespace

outcome<slot_set> resolve(const filter& wanted, const resolve_context& against, budget& work,
                          std::string* plan) {
  GRAPE_CHECK(against.live != nullptr);
  auto known = bounding{against, work}(wanted);
  if (work.over())
    return out_of_budget(work);
  const auto open = without(std::move(known.possible), known.yes);
  auto found = std::move(known.yes);
  const auto meanings = against.columns == nullptr ? field_meanings{} : against.columns->meanings();
  std::size_t reads = 0;
  for (std::size_t w = 0; w < open.words().size(); ++w) {
    for (auto word = open.words()[w]; word != 0; word &= word - 1, ++reads) {
      if (!work.spend(1))
        return out_of_budget(work);
      const auto offset = static_cast<std::size_t>(std::countr_zero(word));
      const slot at{static_cast<std::uint32_t>(w * 64 + offset)};
      const auto holds = decide(wanted, against, meanings, at, work);
      if (!holds)
        return holds.error();
      if (work.over())
        return out_of_budget(work);
      if (*holds)
        found.insert(at);
    }
  }
  if (plan != nullptr)
    *plan = "filter: " + std::to_string(found.count()) + " of "
            + std::to_string(against.live->count()) + " points match, "
            + std::to_string(reads) + " payloads read";
  return found;
}

match_bounds estimate(const filter& wanted, const resolve_context& against) {
  GRAPE_CHECK(against.live != nullptr);
  budget unlimited;
  const auto known = bounding{against, unlimited}(wanted);
  return {known.yes.count(), known.possible.count()};
}

} // namespace grape::payload
