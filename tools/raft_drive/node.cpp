#include "tools/raft_drive/node.hpp"

#include <iterator>
#include <limits>

namespace grape::raft_drive {

node::node(const raft::options& how, memory_log disk)
  : how_(how), disk_(std::make_unique<memory_log>(std::move(disk))) {
  start(true);
}

void node::start(bool fresh) {
  const raft::boot from{disk_->state, disk_->applied, disk_->members, fresh};
  peer_ = std::make_unique<raft::peer>(how_, from, *disk_);
  ticks_ = 0;
}

void node::tick() {
  peer_->advance_clock(++ticks_);
  peer_->tick();
}

void node::fix_timeout(std::uint32_t ticks) {
  how_.fixed_timeout = ticks;
  peer_->fix_timeout(ticks);
}

bool node::read(std::uint64_t context) {
  return peer_->read(context);
}

std::vector<raft::message> node::ready() {
  auto out = peer_->take_output();
  if (out.to_write)
    queue_.push_back(std::move(*out.to_write));
  confirmed_.insert(confirmed_.end(), out.reads.begin(), out.reads.end());
  serve_reads();
  return std::move(out.messages);
}

/// rule 27: a read is answered once its index is applied. What has failed answers nothing.
void node::serve_reads() {
  std::erase_if(confirmed_, [this](const auto& read) {
    const bool served = !peer_->status().failed && read.index <= peer_->applied();
    if (served)
      reads_.push_back(read);
    return served;
  });
}

std::vector<raft::message> node::persist(std::size_t writes_max) {
  std::vector<raft::message> released;
  for (; writes_max > 0 && !queue_.empty(); --writes_max) {
    const auto done = std::move(queue_.front());
    queue_.pop_front();
    disk_->complete(done);
    auto messages = peer_->persisted(done.token);
    released.insert(released.end(), std::make_move_iterator(messages.begin()),
                    std::make_move_iterator(messages.end()));
  }
  serve_reads(); // A snapshot is applied with its write.
  return released;
}

bool node::apply() {
  const auto entries = peer_->next_to_apply(std::numeric_limits<std::size_t>::max());
  if (entries.empty())
    return false;
  peer_->applied(entries.back().index);
  disk_->applied = peer_->applied();
  disk_->members = peer_->members();
  serve_reads();
  return true;
}

void node::compact(log_index through) {
  disk_->compact(through, peer_->members());
  peer_->compacted(through);
}

void node::fail_write() {
  queue_.clear(); // None of them is done; the disk is not trusted any more.
  peer_->fail();
}

void node::crash(std::size_t writes_kept) {
  for (; writes_kept > 0 && !queue_.empty(); --writes_kept) {
    disk_->complete(queue_.front());
    queue_.pop_front();
  }
  queue_.clear();
  confirmed_.clear();
  peer_.reset();
}

void node::restart(std::uint64_t seed) {
  how_.seed = seed;
  reads_.clear();
  dropped = 0;
  start(false);
}

} // namespace grape::raft_drive
