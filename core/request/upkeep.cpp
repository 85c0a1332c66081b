#include "core/request/upkeep.hpp"

namespace grape {

std::string_view to_string(storage_verb verb) noexcept {
  switch (verb) {
    case storage_verb::size: return "size";
    case storage_verb::flush: return "flush";
    case storage_verb::sync: return "sync";
    case storage_verb::compact: return "compact";
    case storage_verb::warm: return "warm";
    case storage_verb::digest: return "digest";
    case storage_verb::checkpoint: return "checkpoint";
    case storage_verb::list_checkpoints: return "list_checkpoints";
    case storage_verb::delete_checkpoint: return "delete_checkpoint";
    case storage_verb::read_checkpoint: return "read_checkpoint";
    case storage_verb::usage: return "usage";
  }
  return "unknown";
}

status storage_report::verdict() const {
  constexpr std::size_t named_max = 3;
  std::vector<std::string> who;
  errc first = errc::ok;
  const auto add = [&](const std::string& place, const status& why) {
    if (why.ok())
      return;
    if (first == errc::ok)
      first = why.code;
    who.push_back(place + ": " + to_string(why));
  };
  for (const auto& node : nodes) {
    add("node `" + node.name + "`", node.result);
    for (const auto& one : node.shards)
      add("node `" + node.name + "`, shard " + one.collection + "/" + std::to_string(one.shard),
          one.result);
  }
  if (who.empty())
    return {};
  auto text = std::string(to_string(verb)) + " was not done everywhere: ";
  for (std::size_t i = 0; i < who.size() && i < named_max; ++i)
    text += (i > 0 ? "; " : "") + who[i];
  if (who.size() > named_max)
    text += "; and " + std::to_string(who.size() - named_max) + " more";
  return {first, text};
}

} // namespace grape
