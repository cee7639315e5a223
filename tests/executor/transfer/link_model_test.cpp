#include "executor/transfer/link_model.hpp"

#include <gtest/gtest.h>

#include <set>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

Cluster two_nodes() {
  Cluster cluster;
  cluster.nodes = 2;
  cluster.devices_per_node = 2;
  cluster.link = Link{8, 4, 2, 0.5};
  return cluster;
}

TEST(LinkModel, PathsFollowTheCluster) {
  const LinkModel links(two_nodes());
  EXPECT_EQ(links.ports(), 20);
  const LinkPath inside = links.between(0, 1);
  EXPECT_EQ(links.name(inside.ports[0]), "the out port of device 0");
  EXPECT_EQ(links.name(inside.ports[1]), "the in port of device 1");
  EXPECT_EQ(inside.seconds(16), 0.5 + 2);
  const LinkPath across = links.between(0, 3);
  EXPECT_EQ(links.name(across.ports[0]), "the sending side of NIC 0");
  EXPECT_EQ(links.name(across.ports[1]), "the receiving side of NIC 3");
  EXPECT_EQ(across.seconds(16), 0.5 + 4);
  const LinkPath host = links.of({.from_host = true, .from = 1, .to = 2});
  EXPECT_EQ(links.name(host.ports[0]), "the host link of device 2");
  EXPECT_EQ(host.ports[1], -1);
  EXPECT_EQ(host.seconds(16), 0.5 + 8);
}

TEST(LinkModel, DevicesShareNics) {
  Cluster cluster = two_nodes();
  cluster.nic_of_device = {0, 0, 1, 1};
  const LinkModel links(cluster);
  EXPECT_EQ(links.between(0, 2).ports, links.between(1, 3).ports);
  EXPECT_NE(links.between(0, 1).ports, links.between(1, 0).ports);
}

TEST(LinkModel, DilationSlowsEverything) {
  const LinkModel links(two_nodes(), 3);
  EXPECT_DOUBLE_EQ(links.between(0, 1).seconds(16), 3 * 2.5);
  EXPECT_THROW(LinkModel(two_nodes(), 0.5), Error);
}

TEST(LinkModel, WithoutLinksNothingMeets) {
  Cluster cluster = two_nodes();
  cluster.link.reset();
  const LinkModel links(cluster);
  EXPECT_EQ(links.ports(), 0);
  EXPECT_EQ(links.between(0, 3).ports, (std::array<int, 2>{-1, -1}));
  EXPECT_EQ(links.from_host(0).seconds(1e9), 0);
}

TEST(LinkModel, APathWithoutARateIsNone) {
  Cluster cluster = two_nodes();
  cluster.link->host_bytes_per_second = 0;
  const LinkModel links(cluster);
  try {
    static_cast<void>(links.from_host(1));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::input);
    EXPECT_EQ(error.pointer(), "/cluster/link/host_bytes_per_second");
  }
}

}  // namespace
}  // namespace plimsoll::executor
