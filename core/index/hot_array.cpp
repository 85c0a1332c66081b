#include "core/index/hot_array.hpp"

#include <cstring>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace grape::index {

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t cache_line = 64;

std::align_val_t alignment_for(std::size_t bytes) noexcept {
  return std::align_val_t{bytes >= huge_page ? huge_page : cache_line};
}

} // namespace

void* acquire_hot_memory(std::size_t bytes) {
  auto* memory = ::operator new(bytes, alignment_for(bytes));
#ifdef __linux__
  // Only advice: without huge pages everything works the same, slower.
  if (bytes >= huge_page)
    static_cast<void>(madvise(memory, bytes / huge_page * huge_page, MADV_HUGEPAGE));
#endif
  std::memset(memory, 0, bytes);
  return memory;
}

void release_hot_memory(void* memory, std::size_t bytes) noexcept {
  ::operator delete(memory, alignment_for(bytes));
}

} // namespace grape::index
