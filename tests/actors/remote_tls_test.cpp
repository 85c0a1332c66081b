#include "tests/actors/peers_by_hand.hpp"

#include "net/tls_authority.hpp"
#include "tests/support/temporary_directory.hpp"

#include <caf/openssl/all.hpp>

#include <array>
#include <fstream>
#include <random>

using namespace grape;
using namespace grape::actors;

namespace {

using namespace std::chrono_literals;

/// A CA with certificates for whoever is to belong to its cluster.
class certified {
public:
  explicit certified(const std::string& name)
    : name_(name)
    , authority_(make_tls_authority(name, valid()).value()) {
    write(name + ".pem", authority_.certificate);
  }

  /// `[peer]` of node `id`, certified.
  void certify(const std::string& id, peer_settings& peer) {
    const auto made = issue_tls_certificate(authority_, id, valid()).value();
    peer.tls_cert = write(id + ".pem", made.certificate);
    peer.tls_key = write(id + "-key.pem", made.key);
    peer.tls_ca = folder_.path() + "/" + name_ + ".pem";
  }

private:
  static tls_validity valid() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto now_s = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    return {now_s - 3'600, now_s + 3'600};
  }

  std::string write(const std::string& name, const std::string& text) {
    const auto path = folder_.path() + "/" + name;
    std::ofstream{path} << text;
    return path;
  }

  std::string name_;
  grape::testing::temporary_directory folder_;
  tls_credentials authority_;
};

/// Configurations of n1, n2 ... whose certificates `by` issued.
std::vector<node_config> certified_cluster(std::size_t count, certified& by) {
  auto configs = cluster_of(free_ports(count));
  for (auto& each : configs) {
    by.certify(each.node.id, each.peer);
    const auto good = check_peer(each.peer);
    REQUIRE_MESSAGE(good.ok(), good.detail);
  }
  return configs;
}

/// What this process holds in memory.
std::size_t resident_bytes() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> all >> resident;
  return resident * 4'096;
}

/// Sends it as it is, and reads until the other side hangs up, or for a second.
void send_raw(std::uint16_t port, std::string_view bytes) {
  loopback_socket raw;
  REQUIRE(raw.connect(port) == 0);
  (void)!::send(raw.handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  timeval patience{1, 0};
  ::setsockopt(raw.handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::array<char, 4'096> answer{};
  while (::recv(raw.handle(), answer.data(), answer.size(), 0) > 0) {}
}

/// BASP's header of a message whose payload, so it says, has 3.5 GiB.
std::string forged_header() {
  std::string header(32, '\0');
  header[0] = 1;                       // A message to an actor,
  header[4] = static_cast<char>(0xE0); // of 0xE0000000 bytes.
  return header;
}

/// Two nodes of a formed cluster that see each other by TLS.
struct certified_pair {
  certified_pair() {
    until("they see each other", [this] { return one.sees(2) && two.sees(1); });
  }

  certified ours{"ours"};
  std::vector<node_config> configs = certified_cluster(2, ours);
  disk first = formed_disk(1);
  disk second = formed_disk(2);
  peers_node one{configs[0], first};
  peers_node two{configs[1], second};
};

} // namespace

TEST_SUITE("actors.remote.tls") {
  TEST_CASE("founders with certificates of one CA form a cluster") {
    certified ours{"ours"};
    const auto configs = certified_cluster(3, ours);
    std::vector<disk> disks(3);
    std::vector<std::unique_ptr<peers_node>> nodes;
    for (std::size_t i = 0; i < 3; ++i) {
      disks[i].who.node_id = configs[i].node.id;
      nodes.push_back(std::make_unique<peers_node>(configs[i], disks[i]));
    }
    for (auto& node : nodes)
      until("the cluster is formed", [&] { return node->home->member.get() != nullptr; });
    for (std::uint32_t i = 1; i <= 3; ++i)
      for (std::uint32_t other = 1; other <= 3; ++other)
        if (other != i)
          until("all see all", [&] { return nodes[i - 1]->sees(other); });
  }

  TEST_CASE_FIXTURE(certified_pair, "a node that falls is found again by TLS") {
    two.kill();
    until("it is seen", [&] { return !one.sees(2); });
    peers_node again{configs[1], second};
    until("they see each other again", [&] { return one.sees(2) && again.sees(1); });
  }

  TEST_CASE_FIXTURE(certified_pair, "who comes with the certificate of another CA, or with none, "
                                    "is not let in") {
    certified theirs{"theirs"};
    peer_settings foreign;
    theirs.certify("n3", foreign);
    for (const auto& peer : {foreign, peer_settings{}}) {
      system_config settings{2, peer};
      caf::actor_system system{settings};
      for (const auto& target : configs) {
        const auto found = uses_tls(peer)
                               ? caf::openssl::remote_actor(system, "127.0.0.1", target.peer.port)
                               : system.middleman().remote_actor("127.0.0.1", target.peer.port);
        CHECK_FALSE(found);
      }
    }
    CHECK(one.sees(2));
    CHECK(two.sees(1));
  }

  TEST_CASE_FIXTURE(certified_pair, "a node does not believe a listener of another CA") {
    certified theirs{"theirs"};
    auto liar = configs[1];
    theirs.certify("n2", liar.peer);
    two.kill();
    disk copy = second;
    peers_node false_two{liar, copy};
    until("the liar listens", [&] { return false_two.home->remote->port != 0; });
    until("it is refused", [&] { return one.notes().find("cannot connect") != std::string::npos; });
    CHECK_FALSE(one.sees(2));
    CHECK_FALSE(false_two.sees(1));
  }

  TEST_CASE_FIXTURE(certified_pair,
                    "a header that claims 3.5 GiB costs nothing, nor does garbage") {
    send_raw(configs[1].peer.port, forged_header());
    const auto before = resident_bytes();
    std::mt19937_64 random{20'263};
    for (int round = 0; round < 30; ++round) {
      send_raw(configs[1].peer.port, forged_header() + std::string(4'096, '\0'));
      std::string garbage(32 + random() % 2'000, '\0');
      for (auto& byte : garbage)
        byte = static_cast<char>(random());
      send_raw(configs[1].peer.port, garbage);
    }
    CHECK(resident_bytes() < before + (64u << 20));
    CHECK(one.sees(2));
    CHECK(two.sees(1));
  }
}
