#include "core/storage/store.hpp"

namespace grape::storage {

void write_batch::put(std::string_view key, std::string_view value) {
  entries_.push_back({text_.size(), key.size(), value.size(), false});
  text_ += key;
  text_ += value;
}

void write_batch::erase(std::string_view key) {
  entries_.push_back({text_.size(), key.size(), 0, true});
  text_ += key;
}

void write_batch::clear() noexcept {
  text_.clear();
  entries_.clear();
}

write_batch::change write_batch::operator[](std::size_t index) const noexcept {
  const auto& made = entries_[index];
  const std::string_view text = text_;
  change out{text.substr(made.offset, made.key_size), {}};
  if (!made.erases)
    out.value = text.substr(made.offset + made.key_size, made.value_size);
  return out;
}

} // namespace grape::storage
