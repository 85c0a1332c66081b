#include "actors/data_directory.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::actors;

namespace {

constexpr bool clustered = true;

struct folder {
  cluster::node_identity opened(bool is_clustered = false) const {
    const auto opened = data_directory::open(path, "n1", is_clustered);
    REQUIRE_MESSAGE(opened.ok(), opened.error().detail);
    return (*opened)->who();
  }

  status refusal(bool is_clustered) const {
    const auto opened = data_directory::open(path, "n1", is_clustered);
    return opened ? status{} : opened.error();
  }

  testing::temporary_directory made;
  std::string path = made.path();
};

} // namespace

TEST_SUITE("actors.data_directory") {
  TEST_CASE("a lone node's directory names a cluster of its own and counts starts") {
    const folder place;

    const auto first = place.opened();
    const auto second = place.opened();

    CHECK(first.cluster_id.size() == 36);
    CHECK(first.disk != 0);
    CHECK(first.incarnation == 1);
    CHECK(second.incarnation == 2);
    CHECK(second.cluster_id == first.cluster_id);
    CHECK(second.disk == first.disk);
    CHECK(second.number == node_number{});
  }

  TEST_CASE("a founder's directory names no cluster before it is told one, and keeps it then") {
    const folder place;
    CHECK(place.opened(clustered).cluster_id.empty());

    auto told = [&place] {
      const auto open = data_directory::open(place.path, "n1", clustered);
      REQUIRE(open.ok());
      auto who = (*open)->who();
      who.cluster_id = "the-cluster";
      who.number = node_number{2};
      who.founding = cluster::founding_stage::agreed;
      REQUIRE((*open)->write(who).ok());
      return who;
    }();

    ++told.incarnation;
    CHECK(place.opened(clustered) == told);
  }

  TEST_CASE("a directory stays with the mode in which it was made") {
    const folder lone;
    const folder founder;
    lone.opened();
    {
      const auto open = data_directory::open(founder.path, "n1", clustered);
      REQUIRE(open.ok());
      auto who = (*open)->who();
      who.cluster_id = "the-cluster";
      who.founding = cluster::founding_stage::formed;
      REQUIRE((*open)->write(who).ok());
    }

    CHECK(lone.refusal(clustered).code == errc::bad_config);
    CHECK(lone.refusal(clustered).detail.find("a node that was alone") != std::string::npos);
    CHECK(founder.refusal(!clustered).code == errc::bad_config);
    CHECK(founder.refusal(!clustered).detail.find("the-cluster") != std::string::npos);
    CHECK(founder.refusal(clustered).ok());
  }
}
