// GATEWAY and the files of snapshots: long work is ARCHIVIST's, short work a STORE_WORKER's.

#include "actors/answer_once.hpp"
#include "actors/archivist.hpp"
#include "actors/gateway.hpp"

#include <exception>

namespace grape::actors {

namespace {

/// `work(desk)` on the thread of that worker.
template <class Reply, class Work>
void on_worker(const std::shared_ptr<house>& home, gateway& door, const std::string& worker,
               reply_to<Reply> reply, Work work) {
  auto answer = once<Reply>(std::move(reply), lost_write(*home));
  if (home->closing)
    return; // `answer` says so.
  caf::anon_send(home->board.get<store_worker_actor>(worker),
                 store_job{[home, &door, answer, work = std::move(work)] {
                   try {
                     archivist_work desk{home, door};
                     (*answer)(work(desk));
                   } catch (const std::exception& failed) {
                     (*answer)(status{errc::internal, failed.what()});
                   }
                 }});
}

} // namespace

void gateway::ask(make_snapshot_request asked, reply_to<snapshot_description> reply) {
  on_worker(home_, *this, role::archivist, std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.make(asked); });
}

void gateway::ask(recover_snapshot_request asked, reply_to<changed> reply) {
  on_worker(home_, *this, role::archivist, std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.recover(asked); });
}

void gateway::ask(restore_request asked, reply_to<restored> reply) {
  on_worker(home_, *this, role::archivist, std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.restore(asked); });
}

void gateway::ask(list_snapshots_request asked, reply_to<snapshot_list> reply) {
  on_worker(home_, *this, role::store_worker(0), std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.list(asked); });
}

void gateway::ask(find_snapshot_request asked, reply_to<snapshot_file> reply) {
  on_worker(home_, *this, role::store_worker(0), std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.find(asked); });
}

void gateway::ask(delete_snapshot_request asked, reply_to<changed> reply) {
  on_worker(home_, *this, role::store_worker(0), std::move(reply),
            [asked = std::move(asked)](archivist_work& desk) { return desk.remove(asked); });
}

} // namespace grape::actors
