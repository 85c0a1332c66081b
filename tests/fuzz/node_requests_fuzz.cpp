// Arbitrary bytes as what CAF clients and other nodes ask of a node beside its shards: refused with
// a code that says why, or read to something that is written and read back the same.

#include "core/archive/upkeep_codec.hpp"
#include "core/client/message.hpp"
#include "core/cluster/control_exchange.hpp"
#include "core/cluster/joining.hpp"
#include "core/cluster/metadata.hpp"
#include "core/cluster/metadata_exchange.hpp"
#include "core/codec/frame.hpp"
#include "core/shard/snapshot_stream.hpp"
#include "tests/fuzz/input.hpp"

using namespace grape;
// Whose functions `encode` are.
using namespace grape::archive;
using namespace grape::client;
using namespace grape::cluster;
using namespace grape::shard;

namespace {

template <class T, class... More>
void read_as(outcome<T> (*decode)(std::string_view), std::string_view input, More... more) {
  fuzz::check_reading(
    input, decode, [](const T& said) { return encode(said); },
    {errc::corrupted, errc::wrong_version, errc::too_large, more...});
}

/// As they are, and in a frame with the right checksum.
template <class T>
void read_framed(outcome<T> (*decode)(std::string_view), std::string_view input) {
  read_as(decode, input);
  read_as(decode, codec::encode_frame(input, codec::compression::none));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  const auto input = fuzz::text_of(from, count);
  read_as<client::request>(client::decode_request, input, errc::invalid); // Text is not UTF-8.
  read_as<client::reply>(client::decode_reply, input);
  read_as<client::collection_news>(client::decode_news, input);
  read_as<cluster::control_post>(cluster::decode_control_post, input);
  read_as<join_request>(cluster::decode_join_request, input);
  read_as<join_reply>(cluster::decode_join_reply, input);
  read_as<cluster::metadata_command>(cluster::decode_metadata_command, input);
  read_as<cluster::metadata_question>(cluster::decode_metadata_question, input);
  read_as<cluster::metadata_reply>(cluster::decode_metadata_reply, input);
  read_as<storage_request>(archive::decode_storage_request, input);
  read_as<node_upkeep>(archive::decode_node_upkeep, input);
  read_framed<shard::snapshot_question>(shard::decode_snapshot_question, input);
  read_framed<shard::snapshot_standing>(shard::decode_snapshot_standing, input);
  read_framed<shard::snapshot_position>(shard::decode_snapshot_position, input);
  read_framed<shard::snapshot_end>(shard::decode_snapshot_end, input);
  return 0;
}
