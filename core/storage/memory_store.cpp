#include "core/storage/memory_store.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace grape::storage {

namespace {

/// Every key with what it was, oldest first, as far back as a snapshot can still see.
struct history {
  struct version {
    std::uint64_t since;
    std::optional<std::string> value;
  };

  std::mutex lock; // Guards everything below.
  std::map<std::string, std::vector<version>, std::less<>> keys;
  std::multiset<std::uint64_t> pinned;
  std::uint64_t now = 0;

  static const std::string* seen_at(const std::vector<version>& versions, std::uint64_t moment) {
    for (auto at = versions.rbegin(); at != versions.rend(); ++at)
      if (at->since <= moment)
        return at->value ? &*at->value : nullptr;
    return nullptr;
  }

  /// Drops what neither a snapshot nor the present can see.
  void trim(std::vector<version>& versions) const {
    const auto oldest = pinned.empty() ? now : std::min(now, *pinned.begin());
    auto keep = versions.begin();
    for (auto at = versions.begin(); at != versions.end() && at->since <= oldest; ++at)
      keep = at;
    versions.erase(versions.begin(), keep);
  }
};

class memory_snapshot final : public store_snapshot {
public:
  /// Pins the moment of `at` once more, or the present.
  explicit memory_snapshot(std::shared_ptr<history> of, const store_snapshot* at = nullptr)
    : of_(std::move(of)) {
    const std::lock_guard guard{of_->lock};
    moment_ = moment_of(*of_, at);
    of_->pinned.insert(moment_);
  }

  ~memory_snapshot() override {
    const std::lock_guard guard{of_->lock};
    of_->pinned.erase(of_->pinned.find(moment_));
  }

  memory_snapshot(const memory_snapshot&) = delete;
  memory_snapshot& operator=(const memory_snapshot&) = delete;

  std::uint64_t moment() const noexcept { return moment_; }

  /// The moment of `at`, a snapshot of `of`, or the present one. Precondition: the lock is held.
  static std::uint64_t moment_of(const history& of, const store_snapshot* at) {
    if (at == nullptr)
      return of.now;
    const auto* ours = dynamic_cast<const memory_snapshot*>(at);
    GRAPE_CHECK(ours != nullptr);
    GRAPE_CHECK(ours->of_.get() == &of);
    return ours->moment_;
  }

private:
  std::shared_ptr<history> of_;
  std::uint64_t moment_ = 0;
};

class memory_cursor final : public cursor {
public:
  memory_cursor(std::shared_ptr<history> of, const store_snapshot* at, std::string_view from)
    : pin_(of, at), of_(std::move(of)) {
    const std::lock_guard guard{of_->lock};
    settle(of_->keys.lower_bound(from));
  }

  bool valid() const override { return valid_; }

  void next() override {
    GRAPE_CHECK(valid_);
    const std::lock_guard guard{of_->lock};
    settle(of_->keys.upper_bound(key_));
  }

  std::string_view key() const override { return key_; }
  std::string_view value() const override { return value_; }
  status error() const override { return {}; }

private:
  void settle(decltype(history::keys)::const_iterator at) {
    valid_ = false;
    for (; at != of_->keys.end() && !valid_; ++at) {
      const auto* seen = history::seen_at(at->second, pin_.moment());
      if (seen == nullptr)
        continue;
      valid_ = true;
      key_ = at->first;
      value_ = *seen;
    }
  }

  memory_snapshot pin_;
  std::shared_ptr<history> of_;
  bool valid_ = false;
  std::string key_;
  std::string value_;
};

class memory_store final : public store {
public:
  status commit(const write_batch& batch, durability) override {
    const std::lock_guard guard{history_->lock};
    const auto moment = ++history_->now;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto change = batch[i];
      auto& versions = history_->keys[std::string(change.key)];
      if (!versions.empty() && versions.back().since == moment)
        versions.pop_back();
      versions.push_back({moment, {}});
      if (change.value)
        versions.back().value.emplace(*change.value);
      history_->trim(versions);
    }
    return {};
  }

  outcome<std::optional<std::string>> get(std::string_view key,
                                          const store_snapshot* at) const override {
    const std::lock_guard guard{history_->lock};
    const auto found = history_->keys.find(key);
    if (found == history_->keys.end())
      return std::optional<std::string>{};
    const auto* seen = history::seen_at(found->second, memory_snapshot::moment_of(*history_, at));
    return seen == nullptr ? std::optional<std::string>{} : std::optional<std::string>{*seen};
  }

  std::shared_ptr<const store_snapshot> snapshot() const override {
    return std::make_shared<memory_snapshot>(history_);
  }

  std::unique_ptr<cursor> scan(std::string_view from, const store_snapshot* at) const override {
    return std::make_unique<memory_cursor>(history_, at, from);
  }

  status flush() override { return {}; }
  status compact() override { return {}; }

  status copy_to(const std::string& directory) override {
    return {errc::bad_request, directory + ": a store in memory has no files to share"};
  }

  store_stats stats() const override {
    const std::lock_guard guard{history_->lock};
    store_stats out;
    for (const auto& [key, versions] : history_->keys)
      for (const auto& version : versions)
        out.memory_bytes += key.size() + (version.value ? version.value->size() : 0);
    return out;
  }

  std::uint64_t bytes_of(std::string_view first, std::string_view last) const override {
    const std::lock_guard guard{history_->lock};
    std::uint64_t bytes = 0;
    const auto end = history_->keys.lower_bound(last);
    for (auto at = history_->keys.lower_bound(first); at != end; ++at)
      if (const auto* seen = history::seen_at(at->second, history_->now))
        bytes += at->first.size() + seen->size();
    return bytes;
  }

private:
  std::shared_ptr<history> history_ = std::make_shared<history>();
};

} // namespace

std::shared_ptr<store> make_memory_store() {
  return std::make_shared<memory_store>();
}

} // namespace grape::storage
