// A yardstick: faiss's HNSW over floats, as Debian ships it, in a process of its own. Only built
// where libfaiss-dev is installed.

#include "tools/bench/yardstick.hpp"

#include <faiss/IndexHNSW.h>
#include <faiss/index_io.h>
#include <omp.h>

#include <array>
#include <filesystem>

using namespace grape;

namespace {

class stock_faiss final : public bench::yardstick {
public:
  stock_faiss(const bench::yardstick_options& options, const bench::matrix<float>& base) {
    if (std::filesystem::exists(options.cache)) {
      index_.reset(dynamic_cast<faiss::IndexHNSW*>(faiss::read_index(options.cache.c_str())));
      if (index_ == nullptr)
        throw std::runtime_error(options.cache + " is no HNSW index");
    } else {
      const bench::build_watch watch;
      index_ = std::make_unique<faiss::IndexHNSWFlat>(
          static_cast<int>(base.width), static_cast<int>(options.m),
          options.metric == "euclid" ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT);
      index_->hnsw.efConstruction = static_cast<int>(options.ef_construct);
      index_->add(static_cast<faiss::Index::idx_t>(base.rows()), base.values.data());
      built_ = bench::build_seconds::since(watch);
      faiss::write_index(index_.get(), options.cache.c_str());
    }
    omp_set_num_threads(1); // Searches are measured on one thread.
  }

  bench::build_seconds built() const override { return built_; }

  void search(const float* query, std::size_t ef, std::size_t k, std::uint32_t* found) override {
    index_->hnsw.efSearch = static_cast<int>(ef);
    rows_.resize(k);
    distances_.resize(k);
    index_->search(1, query, static_cast<faiss::Index::idx_t>(k), distances_.data(), rows_.data());
    for (std::size_t i = 0; i < k; ++i)
      found[i] = static_cast<std::uint32_t>(rows_[i]);
  }

private:
  std::unique_ptr<faiss::IndexHNSW> index_;
  bench::build_seconds built_;
  std::vector<faiss::Index::idx_t> rows_;
  std::vector<float> distances_;
};

} // namespace

int main(int argc, char** argv) {
  return bench::run_yardstick(argc, argv, "faiss", [](const auto& options, const auto& base) {
    return std::make_unique<stock_faiss>(options, base);
  });
}
