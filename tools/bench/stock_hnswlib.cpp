// A yardstick: hnswlib as it comes, compiled for this very machine, in a process of its own (in
// one program the linker would mix inline functions of both instruction sets).

#include "tools/bench/thread_executor.hpp"
#include "tools/bench/yardstick.hpp"

#include <hnswlib/hnswlib.h>

#include <filesystem>

using namespace grape;

namespace {

using index = hnswlib::HierarchicalNSW<float>;

std::unique_ptr<hnswlib::SpaceInterface<float>> space_of(const std::string& metric,
                                                         std::size_t dimension) {
  if (metric == "euclid")
    return std::make_unique<hnswlib::L2Space>(dimension);
  return std::make_unique<hnswlib::InnerProductSpace>(dimension);
}

class stock_hnswlib final : public bench::yardstick {
public:
  stock_hnswlib(const bench::yardstick_options& options, const bench::matrix<float>& base)
    : space_(space_of(options.metric, base.width)) {
    if (std::filesystem::exists(options.cache)) {
      index_ = std::make_unique<index>(space_.get(), options.cache);
      index_->num_deleted_ = 0; // The loading constructor leaves it undefined.
      return;
    }
    const bench::build_watch watch;
    index_ = std::make_unique<index>(space_.get(), base.rows(), options.m, options.ef_construct);
    bench::thread_executor threads;
    index_->addPoint(base.row(0), 0);
    std::atomic<std::size_t> next = 1;
    threads.run(threads.width(), [&](std::size_t) {
      for (auto row = next++; row < base.rows(); row = next++)
        index_->addPoint(base.row(row), row);
    });
    built_ = bench::build_seconds::since(watch);
    index_->saveIndex(options.cache);
  }

  bench::build_seconds built() const override { return built_; }

  void search(const float* query, std::size_t ef, std::size_t k, std::uint32_t* found) override {
    index_->setEf(ef);
    auto best = index_->searchKnn(query, k);
    for (; !best.empty(); best.pop())
      *found++ = static_cast<std::uint32_t>(best.top().second);
  }

private:
  std::unique_ptr<hnswlib::SpaceInterface<float>> space_;
  std::unique_ptr<index> index_;
  bench::build_seconds built_;
};

} // namespace

int main(int argc, char** argv) {
  return bench::run_yardstick(argc, argv, "stock hnswlib",
                              [](const auto& options, const auto& base) {
                                return std::make_unique<stock_hnswlib>(options, base);
                              });
}
