// Golden files with deterministic damage: each is either read or refused by one clear line, and nothing else happens.
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "planner/common/plan_file.hpp"
#include "planner/experts/json.hpp"
#include "support/file.hpp"
#include "tests/damage.hpp"

namespace plimsoll::experts {
namespace {

using testing::documents_in;
using testing::golden;

using testing::Damage;
using testing::refuses;

TEST(ExpertsCorruption, DamagedInstancesAreReadOrRefused) {
  const std::vector<std::string> valid = documents_in("experts/valid", false);
  const std::vector<std::string> invalid = documents_in("experts/invalid", false);
  int refused = 0;
  int read = 0;
  for (std::size_t i = 0; i < 1200; ++i) {
    const std::string& path = i % 3 == 0 ? invalid[i / 3 % invalid.size()] : valid[i % valid.size()];
    const std::string text = Damage(i).apply(support::read_file(path));
    SCOPED_TRACE(path + " with damage " + std::to_string(i));
    const bool was_refused = refuses([&] {
      common::Document document;
      document.attachments.folder = golden("experts/valid");
      document.json = support::parse(text);
      const ExpertInstance instance = read_instance(document);
      const std::string written = write_instance(instance);
      document.json = support::parse(written);
      EXPECT_EQ(write_instance(read_instance(document)), written);
    });
    ++(was_refused ? refused : read);
  }
  EXPECT_GT(refused, 500);
  EXPECT_GT(read, 20);
}

TEST(ExpertsCorruption, DamagedPlansAreReadOrRefused) {
  const common::Document plain = common::read_document(golden("experts/plans/instance.json").string());
  const common::Document tiled = common::read_document(golden("experts/plans/instance_tiled.json").string());
  const std::vector<std::string> paths = documents_in("experts/plans/valid", false);
  int refused = 0;
  for (std::size_t i = 0; i < 500; ++i) {
    const std::string& path = paths[i % paths.size()];
    const std::string text = Damage(i).apply(support::read_file(path));
    SCOPED_TRACE(path + " with damage " + std::to_string(i));
    const common::Document& instance_file = testing::stem_of(path) == "tiled" ? tiled : plain;
    const ExpertInstance instance = read_instance(instance_file);
    refused += refuses([&] {
      const support::Json json = support::parse(text);
      const Certificate certificate = common::read_envelope(json, "experts", common::identity(instance_file));
      if (certificate.objective) read_plan(json, instance);
    });
  }
  EXPECT_GT(refused, 250);
}

TEST(ExpertsCorruption, DamagedNumpyFilesAreReadOrRefused) {
  const std::string whole = support::read_file(golden("experts/valid/load_f8.npy").string());
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("plimsoll-damage-" + std::to_string(std::random_device()()));
  std::filesystem::create_directories(folder);
  for (std::size_t i = 0; i < 200; ++i) {
    std::ofstream(folder / "load_f8.npy", std::ios::binary) << Damage(i).apply(whole);
    common::Document document = common::read_document(golden("experts/valid/npy_load.json").string());
    document.attachments.folder = folder;
    refuses([&] { read_instance(document); });
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace plimsoll::experts
