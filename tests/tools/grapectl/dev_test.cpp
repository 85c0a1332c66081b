#include "tests/support/temporary_directory.hpp"
#include "tests/tools/grapectl/parrot.hpp"

#include <chrono>
#include <fstream>

using namespace grape;
using namespace grape::ctl;

namespace {

/// A folder of its own, with whatever runs in it ended.
struct dev_bed {
  testing::temporary_directory folder;
  std::string dir = folder.path();

  ~dev_bed() { (void)run("dev down"); }

  outcome_of_run run(const std::string& words) const {
    return ctl::run(words + " --dir " + dir + "/d");
  }

  /// Of the first node, from its configuration.
  std::string url() const {
    std::ifstream file{dir + "/d/n1.toml"};
    std::string line;
    std::string host;
    while (std::getline(file, line))
      if (line.starts_with("bind = "))
        host = line.substr(8, line.size() - 9);
      else if (line.starts_with("port = "))
        return "http://" + host + ":" + line.substr(7);
    return {};
  }
};

} // namespace

TEST_SUITE("tools.grapectl.dev") {
  TEST_CASE("a cluster is made, hurt, healed and ended") {
    const dev_bed bed;
    CHECK(bed.run("dev down").text.find("has no nodes") != std::string::npos);

    const auto up = bed.run("dev up -n 3 --port 21333");
    REQUIRE_MESSAGE(up.code == 0, up.text);
    CHECK(up.text.find(bed.url()) != std::string::npos);
    const auto status = ctl::run("--host " + bed.url() + " cluster status");
    CHECK(status.code == 0);
    CHECK(status.text.find("leads the control plane") != std::string::npos);
    CHECK(status.text.find("not connected") == std::string::npos);

    CHECK(bed.run("dev pause n2").code == 0);
    CHECK(bed.run("dev resume 2").code == 0);
    CHECK(bed.run("dev kill n3").code == 0);
    const auto again = bed.run("dev kill n3");
    CHECK(again.code == 1);
    CHECK(again.text.find("n3 does not run") != std::string::npos);
    CHECK(bed.run("dev kill n9").code == 1);
    CHECK(bed.run("dev partition n3").text.find("share one network") != std::string::npos);

    const auto healed = bed.run("dev up");
    CHECK_MESSAGE(healed.code == 0, healed.text);
    CHECK(bed.run("dev down").code == 0);
    CHECK(bed.run("dev kill n1").text.find("n1 does not run") != std::string::npos);
  }

  TEST_CASE("a node is cut off from the others, which tell, and comes back") {
    const dev_bed bed;
    const auto up = bed.run("dev up -n 3 --port 21433 --private-networks");
    if (up.code != 0) { // Not everybody may make networks; the reason is told.
      CHECK_MESSAGE(up.text.find("need root and iproute2") != std::string::npos, up.text);
      return;
    }
    const auto told = [url = bed.url()](const std::string& wanted, bool there) {
      const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
      while (std::chrono::steady_clock::now() < end)
        if (const auto status = ctl::run("--host " + url + " cluster status");
            (status.text.find(wanted) != std::string::npos) == there)
          return true;
      return false;
    };
    CHECK(bed.run("dev partition n9").text.find("no node `n9`") != std::string::npos);
    REQUIRE(told("not connected", false));

    const auto cut = bed.run("dev partition n3 3");
    CHECK_MESSAGE(cut.code == 0, cut.text);
    CHECK(told("not connected", true));
    const auto healed = bed.run("dev heal");
    CHECK_MESSAGE(healed.code == 0, healed.text);
    CHECK(told("not connected", false));
    CHECK(bed.run("dev down").code == 0);
  }
}
