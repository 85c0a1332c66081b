// GATEWAY and the files of snapshots: making them is ARCHIVIST's work, recovering goes on beside
// it, short work is a STORE_WORKER's.

#include "actors/answer_once.hpp"
#include "actors/archivist.hpp"
#include "actors/gateway.hpp"

#include <exception>

namespace grape::actors {

namespace {

/// `work(desk)` answers.
template <class Reply, class Work>
void answer_with(const std::shared_ptr<house>& home, gateway& door, answer_once<Reply>& answer,
                 const Work& work) {
  try {
    archivist_work desk{home, door};
    answer(work(desk));
  } catch (const std::exception& failed) {
    answer(status{errc::internal, failed.what()});
  }
}

/// `work(desk)` on a thread of that pool.
template <class Reply, class Work>
void on_pool(const std::shared_ptr<house>& home, gateway& door, job_pool& pool,
             const std::shared_ptr<answer_once<Reply>>& answer, Work work) {
  if (home->closing)
    return; // `answer` says so.
  auto job = [home, &door, answer, work = std::move(work)] {
    answer_with(home, door, *answer, work);
  };
  if (!pool.post(std::move(job)) && !home->closing)
    (*answer)(status{errc::overloaded, "too many requests for snapshots are waiting"});
}

template <class Reply, class Work>
void by_courier(const std::shared_ptr<house>& home, gateway& door, reply_to<Reply> reply,
                Work work) {
  on_pool(home, door, *home->courier_pool, once<Reply>(std::move(reply), lost_write(*home)),
          std::move(work));
}

/// `work(desk)` on the thread of that worker.
template <class Reply, class Work>
void on_worker(const std::shared_ptr<house>& home, gateway& door, const std::string& worker,
               reply_to<Reply> reply, Work work) {
  auto answer = once<Reply>(std::move(reply), lost_write(*home));
  if (home->closing)
    return; // `answer` says so.
  caf::anon_send(home->board.get<store_worker_actor>(worker),
                 store_job{[home, &door, answer, work = std::move(work)] {
                   answer_with(home, door, *answer, work);
                 }});
}

/// Whoever asked may not wait for the answer: what failed stands among the notes of the node.
reply_to<changed> noted(const std::shared_ptr<house>& home, const recover_snapshot_request& asked,
                        reply_to<changed> reply) {
  auto what = "recovering `" + asked.collection + "`"
              + (asked.shard ? ", shard " + std::to_string(*asked.shard) : std::string{});
  return [home, what = std::move(what), reply = std::move(reply)](outcome<changed> done) {
    if (!done)
      home->notes.add(what + " failed, and changed nothing: " + to_string(done.error()));
    reply(std::move(done));
  };
}

} // namespace

void gateway::ask(make_snapshot_request asked, reply_to<snapshot_description> reply) {
  on_worker(home_, *this, role::archivist, std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.make(asked); });
}

void gateway::ask(recover_snapshot_request asked, reply_to<changed> reply) {
  auto answer = once<changed>(noted(home_, asked, std::move(reply)), lost_write(*home_));
  on_pool(home_, *this, *home_->recovery_pool, answer,
          [asked = std::move(asked)](archivist_work& desk) { return desk.recover(asked); });
}

void gateway::ask(restore_request asked, reply_to<restored> reply) {
  on_worker(home_, *this, role::archivist, std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.restore(asked); });
}

void gateway::ask(list_snapshots_request asked, reply_to<snapshot_list> reply) {
  if (!asked.only_here && home_->is_clustered())
    return by_courier(home_, *this, std::move(reply), [asked = std::move(asked)](auto& desk) {
      return desk.list_all(asked);
    });
  on_worker(home_, *this, role::store_worker(0), std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.list(asked); });
}

void gateway::ask(find_snapshot_request asked, reply_to<snapshot_file> reply) {
  if (!asked.only_here && home_->is_clustered())
    return by_courier(home_, *this, std::move(reply), [asked = std::move(asked)](auto& desk) {
      return desk.find_anywhere(asked);
    });
  on_worker(home_, *this, role::store_worker(0), std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.find(asked); });
}

void gateway::ask(delete_snapshot_request asked, reply_to<changed> reply) {
  if (!asked.only_here && home_->is_clustered())
    return by_courier(home_, *this, std::move(reply), [asked = std::move(asked)](auto& desk) {
      return desk.remove_anywhere(asked);
    });
  on_worker(home_, *this, role::store_worker(0), std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.remove(asked); });
}

} // namespace grape::actors
