#include "core/index/sparse_index.hpp"

#include "core/check.hpp"
#include "core/index/sparse_view_state.hpp"

#include <algorithm>
#include <utility>

namespace grape::index {

namespace {

// A tail of so many is inverted: it costs 3 microseconds a vector, and a scan of it 0.05.
constexpr std::size_t tail_rows_max = 1'024;
constexpr std::size_t tail_postings_max = 128 * 1'024;

std::uint64_t bytes_of(const sparse_vector& of) noexcept {
  return sizeof(sparse_tail_row) + sizeof(sparse_vector)
         + of.indices.capacity() * sizeof(std::uint32_t) + of.values.capacity() * sizeof(float);
}

} // namespace

struct sparse_index::state {
  state() { now.tail_id = segment_id{last++}; }

  sparse_view_state now;
  std::uint32_t last = 1; // Ids of parts are never used twice.
  std::size_t tail_postings = 0;
  std::uint64_t tail_bytes = 0;
  std::uint64_t tail_live_postings = 0;

  // The row a slot points to counts no more; the slot's locator is left to the caller.
  void kill(locator where) {
    if (where.segment == now.tail_id) {
      auto& vector = now.tail.edit(where.where.value).vector;
      tail_bytes -= bytes_of(*vector);
      tail_live_postings -= vector->indices.size();
      vector.reset();
      --now.tail_live;
      return;
    }
    const auto part =
        std::find_if(now.parts.begin(), now.parts.end(),
                     [&](const sparse_part& each) { return each.id == where.segment; });
    GRAPE_CHECK(part != now.parts.end() && part->live > 0);
    --part->live;
  }

  void tidy() {
    if (now.tail.size() >= tail_rows_max || tail_postings >= tail_postings_max)
      invert_tail();
    // What is mostly dead is rewritten, or goes as a whole.
    for (std::size_t at = 0; at < now.parts.size();)
      if (now.parts[at].live * 2 < now.parts[at].lists->rows())
        join(at);
      else
        ++at;
    while (now.parts.size() > 1
           && now.parts[now.parts.size() - 2].live <= 2 * now.parts.back().live)
      join(now.parts.size() - 2);
  }

  void invert_tail() {
    std::vector<sparse_segment::document> documents;
    for (std::size_t at = 0; at < now.tail.size(); ++at)
      if (const auto& [owner, vector] = now.tail[at]; vector != nullptr)
        documents.push_back({owner, vector.get()});
    if (!documents.empty())
      adopt(now.parts.size(), sparse_segment::build(documents));
    now.tail = {};
    now.tail_id = segment_id{last++};
    now.tail_live = 0;
    tail_postings = 0;
    tail_bytes = 0;
    tail_live_postings = 0;
  }

  // The part at `first` and the one after it, if there is one, become one.
  void join(std::size_t first) {
    std::vector<sparse_segment::source> sources;
    const auto end = std::min(first + 2, now.parts.size());
    for (std::size_t at = first; at < end; ++at) {
      const auto id = now.parts[at].id;
      const auto* lists = now.parts[at].lists.get();
      sources.push_back({lists, [this, id, lists](row where) {
                           return now.is_live(id, where.value, lists->owner(where));
                         }});
    }
    auto merged = sparse_segment::merge(sources);
    now.parts.erase(now.parts.begin() + static_cast<std::ptrdiff_t>(first),
                    now.parts.begin() + static_cast<std::ptrdiff_t>(end));
    if (merged->rows() > 0)
      adopt(first, std::move(merged));
  }

  // Every row of it is live.
  void adopt(std::size_t at, std::shared_ptr<const sparse_segment> lists) {
    const segment_id id{last++};
    const auto rows = lists->rows();
    for (std::uint32_t number = 0; number < rows; ++number)
      now.locators.edit(lists->owner(row{number}).value) = {id, row{number}};
    now.parts.insert(now.parts.begin() + static_cast<std::ptrdiff_t>(at),
                     {id, std::move(lists), rows});
  }
};

sparse_index::sparse_index()
  : state_(std::make_unique<state>()) {}

sparse_index::~sparse_index() = default;
sparse_index::sparse_index(sparse_index&&) noexcept = default;
sparse_index& sparse_index::operator=(sparse_index&&) noexcept = default;

void sparse_index::put(slot where, sparse_vector values) {
  auto& now = state_->now;
  if (where.value >= now.locators.size())
    now.locators.resize(where.value + std::size_t{1});
  auto& place = now.locators.edit(where.value);
  if (place.present())
    state_->kill(place);
  else
    ++now.size;
  place = {now.tail_id, row{static_cast<std::uint32_t>(now.tail.size())}};
  state_->tail_postings += values.indices.size();
  state_->tail_live_postings += values.indices.size();
  state_->tail_bytes += bytes_of(values);
  now.tail.push_back({where, std::make_shared<const sparse_vector>(std::move(values))});
  ++now.tail_live;
  state_->tidy();
}

void sparse_index::remove(slot where) {
  if (!contains(where))
    return;
  auto& place = state_->now.locators.edit(where.value);
  state_->kill(place);
  place = {};
  --state_->now.size;
  state_->tidy();
}

bool sparse_index::contains(slot where) const noexcept {
  return state_->now.locate(where).present();
}

sparse_view sparse_index::view() const {
  return sparse_view(std::make_shared<const sparse_view_state>(state_->now));
}

std::uint64_t sparse_index::bytes() const {
  const auto& now = state_->now;
  std::uint64_t sum = now.locators.size() * sizeof(locator) + state_->tail_bytes;
  for (const auto& part : now.parts)
    sum += part.lists->bytes();
  return sum;
}

std::uint64_t sparse_index::vector_bytes() const {
  constexpr std::uint64_t posting_bytes = sizeof(std::uint32_t) + sizeof(float);
  auto postings = state_->tail_live_postings;
  for (const auto& part : state_->now.parts)
    postings += part.lists->postings() * part.live / part.lists->rows();
  return postings * posting_bytes;
}

} // namespace grape::index
