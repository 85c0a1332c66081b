#include "core/cluster/control_exchange.hpp"

#include "core/check.hpp"
#include "core/cluster/members_codec.hpp"
#include "core/codec/pack_id.hpp"
#include "core/raft/codec.hpp"

#include <limits>

namespace grape::cluster {

using codec::pack_id;
using codec::packer;
using codec::unpack_id;
using codec::unpacker;

namespace {

constexpr std::uint64_t version = 2;

enum class post_kind : std::uint8_t { report, change, build, hand_over, erase };

void pack(packer& out, node_number from) {
  pack_id(out, from);
}

void unpack(unpacker& in, node_number& to) {
  unpack_id(in, to);
}

void pack(packer& out, replica_id from) {
  pack_id(out, from);
}

void unpack(unpacker& in, replica_id& to) {
  unpack_id(in, to);
}

void pack(packer& out, const held_replica& from) {
  out.array(2);
  pack_id(out, from.group);
  pack_id(out, from.id);
}

void unpack(unpacker& in, held_replica& to) {
  in.tuple(2);
  unpack_id(in, to.group);
  unpack_id(in, to.id);
}

void pack(packer& out, const group_report& from);
void unpack(unpacker& in, group_report& to);

template <class Value, template <class...> class Many>
void pack_all(packer& out, const Many<Value>& from) {
  out.array(from.size());
  for (const auto& each : from)
    pack(out, each);
}

template <class Value, template <class...> class Many>
void unpack_all(unpacker& in, Many<Value>& to) {
  for (auto left = in.array(); left > 0 && in.ok(); --left) {
    Value one{};
    unpack(in, one);
    to.insert(to.end(), std::move(one));
  }
}

void pack(packer& out, const raft::configuration& from) {
  out.array(6);
  pack_all(out, from.voters);
  pack_all(out, from.outgoing);
  pack_all(out, from.learners);
  pack_all(out, from.learners_next);
  pack_all(out, from.witnesses);
  out.boolean(from.auto_leave);
}

void unpack(unpacker& in, raft::configuration& to) {
  in.tuple(6);
  unpack_all(in, to.voters);
  unpack_all(in, to.outgoing);
  unpack_all(in, to.learners);
  unpack_all(in, to.learners_next);
  unpack_all(in, to.witnesses);
  to.auto_leave = in.boolean();
}

void pack(packer& out, const group_report& from) {
  out.array(8);
  pack_id(out, from.group);
  pack_id(out, from.term);
  pack(out, from.members);
  pack_id(out, from.members_since);
  pack_id(out, from.leader);
  pack_id(out, from.successor);
  pack_all(out, from.following);
  out.map(from.failures.size());
  for (const auto& [which, count] : from.failures) {
    pack_id(out, which);
    out.u64(count);
  }
}

void unpack(unpacker& in, group_report& to) {
  in.tuple(8);
  unpack_id(in, to.group);
  unpack_id(in, to.term);
  unpack(in, to.members);
  unpack_id(in, to.members_since);
  unpack_id(in, to.leader);
  unpack_id(in, to.successor);
  unpack_all(in, to.following);
  for (auto left = in.map(); left > 0 && in.ok(); --left) {
    replica_id which;
    unpack_id(in, which);
    to.failures[which] =
        static_cast<std::uint32_t>(in.u64(std::numeric_limits<std::uint32_t>::max()));
  }
}

void pack(packer& out, const host_report& from) {
  out.array(6);
  out.u64(from.incarnation);
  out.u64(from.number);
  pack_all(out, from.silent);
  pack_all(out, from.leads);
  pack_all(out, from.indexed);
  pack_all(out, from.gone);
}

void unpack(unpacker& in, host_report& to) {
  in.tuple(6);
  to.incarnation = in.u64();
  to.number = in.u64();
  unpack_all(in, to.silent);
  unpack_all(in, to.leads);
  unpack_all(in, to.indexed);
  unpack_all(in, to.gone);
}

void pack_replica(packer& out, const replica& from) {
  out.array(3);
  pack_id(out, from.id);
  pack_id(out, from.node);
  out.u64(static_cast<std::uint64_t>(from.role));
}

replica unpack_replica(unpacker& in) {
  replica to;
  in.tuple(3);
  unpack_id(in, to.id);
  unpack_id(in, to.node);
  to.role = static_cast<replica_role>(in.u64(static_cast<std::uint64_t>(replica_role::witness)));
  return to;
}

/// What stands behind the kind and the group.
struct action_packer {
  packer& out;

  post_kind operator()(const change_members& action) const {
    out.array(2);
    out.bin(raft::encode(action.change));
    pack_id(out, action.based_on);
    return post_kind::change;
  }

  post_kind operator()(const build_indexes& action) const {
    pack_replica(out, action.where);
    return post_kind::build;
  }

  post_kind operator()(const hand_leadership_over& action) const {
    pack_id(out, action.to);
    return post_kind::hand_over;
  }

  post_kind operator()(const delete_replica& action) const {
    pack_replica(out, action.which);
    return post_kind::erase;
  }

  template <class Other>
  post_kind operator()(const Other&) const {
    GRAPE_CHECK(false); // Not for a node.
    return post_kind::erase;
  }
};

migration_action unpack_action(unpacker& in, post_kind kind) {
  switch (kind) {
    case post_kind::change: {
      in.tuple(2);
      auto change = raft::decode_change(in.bin());
      if (!change && in.ok())
        in.fail("a change of members that cannot be read");
      log_index based_on;
      unpack_id(in, based_on);
      return change_members{change ? std::move(*change) : raft::configuration_change{}, based_on};
    }
    case post_kind::build: return build_indexes{unpack_replica(in)};
    case post_kind::hand_over: {
      replica_id to;
      unpack_id(in, to);
      return hand_leadership_over{to};
    }
    case post_kind::erase: return delete_replica{unpack_replica(in)};
    case post_kind::report: break;
  }
  return wait_for_news{};
}

} // namespace

std::string encode(const control_post& of) {
  packer body;
  post_kind kind = post_kind::report;
  group_id group;
  if (const auto* report = std::get_if<host_report>(&of)) {
    pack(body, *report);
  } else {
    const auto& action = std::get<group_action>(of);
    group = action.group;
    kind = std::visit(action_packer{body}, action.action);
  }
  packer head;
  head.array(3);
  head.u64(version);
  head.u64(static_cast<std::uint64_t>(kind));
  pack_id(head, group);
  return head.take() + body.take();
}

outcome<control_post> decode_control_post(std::string_view bytes) {
  unpacker in{bytes};
  in.tuple(3);
  const auto is = in.u64();
  if (in.ok() && is != version)
    return status{errc::wrong_version, "a word of the coordinator has version " + std::to_string(is)
                                           + "; this program speaks 1"};
  const auto kind = static_cast<post_kind>(in.u64(static_cast<std::uint64_t>(post_kind::erase)));
  group_id group;
  unpack_id(in, group);
  control_post read;
  if (kind == post_kind::report)
    unpack(in, read.emplace<host_report>());
  else
    read = group_action{group, unpack_action(in, kind)};
  if (auto whole = in.finish(); !whole.ok())
    return whole;
  return read;
}

} // namespace grape::cluster
