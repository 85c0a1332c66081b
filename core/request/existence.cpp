#include "core/request/existence.hpp"

#include <set>

namespace grape {

namespace {

class collector {
public:
  void operator()(const upsert_points& operation) {
    // Conditional upserts may create nothing; then a later operation finds nothing to change,
    // which is no error once it is logged.
    for (const auto& point : operation.points)
      created_.insert(point.id);
  }

  void operator()(const delete_points&) {
  }

  void operator()(const set_payload& operation) { need(operation.points); }
  void operator()(const delete_payload& operation) { need(operation.points); }
  void operator()(const clear_payload& operation) { need(operation.points); }
  void operator()(const delete_vectors& operation) { need(operation.points); }

  void operator()(const update_vectors& operation) {
    for (const auto& point : operation.points)
      need(point.id);
  }

  std::vector<point_id> take() { return {needed_.begin(), needed_.end()}; }

private:
  void need(const point_id& id) {
    if (!created_.contains(id))
      needed_.insert(id);
  }

  void need(const point_selector& points) {
    if (const auto* ids = std::get_if<std::vector<point_id>>(&points))
      for (const auto& id : *ids)
        need(id);
  }

  std::set<point_id> created_;
  std::set<point_id> needed_;
};

} // namespace

std::vector<point_id> ids_that_must_exist(const std::vector<write_operation>& operations) {
  collector collect;
  for (const auto& operation : operations)
    std::visit(collect, operation);
  return collect.take();
}

status absent(const point_id& id) {
  return {errc::not_found, "No point with id " + id.text() + " found"};
}

} // namespace grape
