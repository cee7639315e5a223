// The golden foreign files, which the fuzzer starts from: each is taken into a given instance of the same shape.
#include <algorithm>
#include <filesystem>

#include "tests/cli/files.hpp"
#include "tests/planner/experts/convert/convert_fixture.hpp"

namespace plimsoll::experts {
namespace {

// Files with micro-steps have a test of their own below.
bool tells_microsteps_apart(const std::filesystem::path& path) {
  return path.extension() == ".npy" || path.extension() == ".npz" || path.extension() == ".jsonl";
}

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
    if (tells_microsteps_apart(entry.path())) continue;
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

TEST(GoldenForeignFiles, MicroStepsAreTaken) {
  struct Case {
    const char* file;
    const char* format;
    Values values;
    Matrix<double> last;  // of three micro-steps
  };
  const Matrix<double> counted(2, 4, {0, 0, 9, 1, 5, 5, 0, 0});
  const Matrix<double> routed(2, 4, {0, 2, 1, 1, 1, 0, 1, 2});
  const std::vector<Case> cases = {{"microsteps.npy", "microsteps-npy", {}, counted},
                                   {"microsteps.npz", "microsteps-npy", {{"array", {"counts"}}}, counted},
                                   {"routes.npy", "token-routes", {{"microstep-tokens", {"2"}}}, routed},
                                   {"routing.jsonl", "routing-jsonl", {}, routed}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.file);
    Values values = cluster_values("1", "2", "3");
    values.insert(one.values.begin(), one.values.end());
    const StepInstance instance =
        step_of(converted(one.format, test::contents(testing::golden("foreign").string() + "/" + one.file), values));
    ASSERT_EQ(instance.microsteps(), 3);
    EXPECT_EQ(instance.load[2], one.last);
    EXPECT_EQ(instance.experts.cluster.slots, (std::vector<int>{3, 3}));
  }
}

}  // namespace
}  // namespace plimsoll::experts
