#include "tests/support/temporary_directory.hpp"
#include "tests/tools/grapectl/parrot.hpp"

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
    while (std::getline(file, line))
      if (line.starts_with("port = "))
        return "http://127.0.0.1:" + line.substr(7);
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

    const auto healed = bed.run("dev up");
    CHECK_MESSAGE(healed.code == 0, healed.text);
    CHECK(bed.run("dev down").code == 0);
    CHECK(bed.run("dev kill n1").text.find("n1 does not run") != std::string::npos);
  }
}
