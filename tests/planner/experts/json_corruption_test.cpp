// Golden files with deterministic damage: each is either read or refused by one clear line, and nothing else happens.
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "planner/common/plan_file.hpp"
#include "planner/experts/json.hpp"
#include "support/file.hpp"
#include "tests/golden.hpp"

namespace plimsoll::experts {
namespace {

using testing::documents_in;
using testing::golden;

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed) {}

  std::string apply(std::string text) {
    const std::size_t times = 1 + below(2);
    for (std::size_t i = 0; i < times && !text.empty(); ++i) once(text);
    return text;
  }

 private:
  // std::uniform_int_distribution differs between libraries; the small bias of a remainder does not matter here.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

  void once(std::string& text) {
    const std::size_t place = below(text.size());
    switch (below(6)) {
      case 0:
        text[place] = static_cast<char>(static_cast<unsigned char>(text[place]) ^ (1U << below(8)));
        break;
      case 1:
        text.resize(place);
        break;
      case 2:
        text.erase(place, 1 + below(20));
        break;
      case 3:
        text.insert(place, text.substr(below(text.size()), 1 + below(30)));
        break;
      default:
        swap_token(text, place);
    }
  }

  // Replaces the number or word at or after the place by one that is likely to matter.
  void swap_token(std::string& text, std::size_t place) {
    static const std::vector<std::string> kTokens = {"0",
                                                     "-1",
                                                     "1e999",
                                                     "1e308",
                                                     "-1e-320",
                                                     "2.0",
                                                     "0.5",
                                                     "9223372036854775808",
                                                     "3000000000",
                                                     "100000",
                                                     "null",
                                                     "true",
                                                     "NaN",
                                                     "\"\"",
                                                     "[]",
                                                     "{}",
                                                     "[[]]",
                                                     "{\"npy\": \"../a\"}",
                                                     "{\"npy\": \"load_f8.npy\"}",
                                                     "\"\\ud800\"",
                                                     "\"\xc3\"",
                                                     "99999999999999999999999999",
                                                     "[1, 2"};
    const std::string kOfTokens = "-+.0123456789abcdefghijklmnopqrstuvwxyzE";
    const std::size_t start = text.find_first_of(kOfTokens, place);
    if (start == std::string::npos) return;
    const std::size_t end = text.find_first_not_of(kOfTokens, start);
    text.replace(start, (end == std::string::npos ? text.size() : end) - start, kTokens[below(kTokens.size())]);
  }

  std::mt19937_64 random_;
};

// True where the action refused its input; any other exception ends the test with a failure.
template <class Action>
bool refuses(const Action& action) {
  try {
    action();
    return false;
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == ErrorCode::input || error.code() == ErrorCode::file) << error.what();
    EXPECT_TRUE(testing::is_one_line(error.what())) << error.what();
    EXPECT_TRUE(error.pointer().empty() || testing::is_one_line(error.pointer())) << error.pointer();
    EXPECT_LT(std::string(error.what()).size(), 1000U);
    return true;
  }
}

TEST(ExpertsCorruption, DamagedInstancesAreReadOrRefused) {
  const std::vector<std::string> valid = documents_in("experts/valid");
  const std::vector<std::string> invalid = documents_in("experts/invalid");
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
  const std::vector<std::string> paths = documents_in("experts/plans/valid");
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
