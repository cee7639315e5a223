// The golden foreign files, which the fuzzer starts from: each is taken into a given instance of the same shape.
#include <algorithm>
#include <filesystem>

#include "tests/cli/files.hpp"
#include "tests/planner/experts/convert/convert_fixture.hpp"

namespace plimsoll::experts {
namespace {

std::string format_of(const std::filesystem::path& path) {
  if (path.extension() == ".csv") return "csv";
  if (path.extension() == ".yaml") return "trtllm";
  return path.stem() == "vllm_ascend" ? "vllm-ascend" : "sglang";
}

TEST(GoldenForeignFiles, AreTaken) {
  const common::Document base = document_of(R"({"plimsoll": 1, "problem": "experts",
    "model": {"layers": 2, "experts": 4}, "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 3},
    "load": [[9, 9, 9, 9], [9, 9, 9, 9]]})");
  const Matrix<int> placed(2, 6, {0, 1, 2, 3, 0, 1, 3, 2, 1, 0, 3, 2});
  int placements = 0;
  int loads = 0;
  for (const auto& entry : std::filesystem::directory_iterator(testing::golden("foreign"))) {
    SCOPED_TRACE(entry.path());
    const ExpertInstance instance = instance_of(
        converted(format_of(entry.path()), test::contents(entry.path().string()),
                  entry.path().stem() == "loads_quoted" ? Values{{"count-column", {"count"}}} : Values{}, &base));
    if (instance.placement) {
      EXPECT_EQ(*instance.placement, placed);
      ++placements;
    }
    const auto& tokens = instance.load.data();
    if (std::count(tokens.begin(), tokens.end(), 9.0) < 8) ++loads;
  }
  EXPECT_EQ(placements, 4);
  EXPECT_EQ(loads, 4);
}

}  // namespace
}  // namespace plimsoll::experts
