// Writes into collections whose strict mode limits them.

#include "actors/gateway.hpp"
#include "core/query/filtered_write.hpp"
#include "core/request/unindexed.hpp"

#include <algorithm>

namespace grape::actors {

namespace {

constexpr std::uint32_t measure_ms = 5'000; // How long a write waits for the sizes of shards.

const read_options measuring{read_level::eventual, measure_ms, false, false};

const payload::filter* filter_of(const write_operation& operation) {
  return std::visit(
    [](const auto& kind) -> const payload::filter* {
      if constexpr (requires { std::get_if<payload::filter>(&kind.points); })
        return std::get_if<payload::filter>(&kind.points);
      else
        return nullptr;
    },
    operation);
}

/// How many points the one filter of a write matches, as a question; nothing unless it has exactly
/// one and the indexes count what matches.
std::optional<count_request> count_of(const write_request& asked, const collection_schema& schema) {
  std::optional<count_request> made;
  for (std::size_t i = 0; i < asked.operations.size(); ++i)
    if (const auto* filter = filter_of(asked.operations[i])) {
      if (made)
        return {};
      made = count_request{asked.collection, *filter, true, measuring};
      if (i < asked.keys.size())
        made->read.keys = asked.keys[i];
    }
  return made && !first_unindexed(*made->filter, schema.fields) ? made : std::nullopt;
}

} // namespace

void gateway::ask(write_request asked, reply_to<write_receipts> reply) {
  const auto known = home_->known.get();
  const auto* entry = known ? known->state.find(asked.collection) : nullptr;
  const auto limits = entry != nullptr ? strict_limits_of(entry->schema.options) : std::nullopt;
  if (!limits)
    return write(std::move(asked), std::move(reply));
  if (auto fits = check_strictly(*limits, entry->schema, asked.operations); !fits.ok())
    return reply(std::move(fits));
  write_strictly(std::move(asked), *limits, entry->id, std::move(reply));
}

/// Sizes first, then the tokens: what is refused for its size costs nothing.
void gateway::write_strictly(write_request asked, const strict_limits& limits, collection_id of,
                             reply_to<write_receipts> reply) {
  const auto kept = std::make_shared<write_request>(std::move(asked));
  measure(kept, limits,
          [this, kept, of, rate = limits.writes_per_minute,
           reply = std::move(reply)](status fits, std::uint64_t matching) {
            const auto known = home_->known.get();
            if (fits.ok() && rate && known)
              fits = strict_->take_write(known->state, of, *rate,
                                         cost_of(kept->operations, matching));
            if (!fits.ok())
              return reply(std::move(fits));
            write(std::move(*kept), reply);
          });
}

/// Whether there is room, and how many points the filters match: counted where indexes do it, else
/// taken for half of all.
void gateway::measure(const std::shared_ptr<const write_request>& asked,
                      const strict_limits& limits,
                      std::function<void(status, std::uint64_t matching)> then) {
  const bool by_filter = limits.writes_per_minute && query::chooses_by_filter(asked->operations);
  if (!limits.bounds_size() && !by_filter)
    return then({}, 0);
  const auto known = home_->known.get();
  const auto* entry = known ? known->state.find(asked->collection) : nullptr;
  std::optional<count_request> counting;
  if (entry != nullptr && by_filter)
    counting = count_of(*asked, entry->schema);
  read<collection_description>(
    describe_collection_request{asked->collection, measuring},
    [this, limits, counting, by_filter, asked,
     then = std::move(then)](const outcome<collection_description>& found) {
      if (!found)
        return then(found.error(), 0);
      const stored_sizes sizes{found->points, found->vector_bytes, found->payload_bytes};
      auto fits = check_sizes(limits, sizes, asked->operations);
      if (!fits.ok() || !counting)
        return then(std::move(fits), by_filter ? found->points / 2 : 0);
      read<count_reply>(*counting,
                        [then](const outcome<count_reply>& matching) {
                          then(matching ? status{} : matching.error(),
                               matching ? matching->count : 0);
                        },
                        nullptr);
    },
    nullptr);
}

} // namespace grape::actors
