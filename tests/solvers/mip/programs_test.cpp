// What glpsol and cbc make of the files that we write: their value has to be ours. Skipped where a program is missing.
#include <sys/wait.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "plimsoll/error.hpp"
#include "solvers/mip/evaluate.hpp"
#include "solvers/mip/solution_readers.hpp"
#include "solvers/mip/writers.hpp"
#include "tests/solvers/mip/backend_test.hpp"
#include "tests/solvers/mip/models.hpp"
#include "tests/solvers/mip/tiny.hpp"

namespace plimsoll::solvers::mip {
namespace {

namespace fs = std::filesystem;

class Programs : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plimsoll_programs_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] bool run(const std::string& command) const {
    const int status = std::system(("cd " + folder_.string() + " && " + command + " > log 2>&1").c_str());
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  bool has(const std::string& program) const { return run("command -v " + program); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }

  // The value of the point, if it is one; else infinity.
  double value_of(const Model& model, SolutionFormat format, const std::string& file) const {
    ForeignSolution found;
    try {
      found = read_solution(model, format, read(file));
    } catch (const Error&) {
      return infinity;
    }
    const std::vector<double> point = tidied(model, found.point);
    const Evaluation judged = evaluate(model, point);
    EXPECT_TRUE(judged.violation < 1e-5 && judged.fraction == 0) << judged.most_violated;
    EXPECT_TRUE(found.objective &&
                std::abs(*found.objective - judged.objective) <= 1e-5 * std::max(1.0, std::abs(judged.objective)));
    return judged.objective;
  }

  void expect_value(const Model& model, double expected) const {
    write("model.mps", mps_text(model));
    write("model.lp", lp_text(model));
    const auto close = [&](double value) {
      return value == expected || std::abs(value - expected) <= 1e-6 * std::max(1.0, std::abs(expected));
    };
    if (has("glpsol")) {
      for (const std::string input : {"--freemps model.mps", "--lp model.lp"}) {
        ASSERT_TRUE(run("glpsol " + input + " -o table -w plain")) << read("log");
        EXPECT_TRUE(close(value_of(model, SolutionFormat::glpk, "table"))) << input << read("table") << expected;
        EXPECT_TRUE(close(value_of(model, SolutionFormat::glpk, "plain"))) << input << read("plain") << expected;
      }
    }
    if (has("cbc")) {
      for (const std::string input : {"model.mps", "model.lp"}) {
        ASSERT_TRUE(run("cbc " + input + " solve solu solution")) << read("log");
        EXPECT_TRUE(close(value_of(model, SolutionFormat::cbc, "solution"))) << input << read("solution") << expected;
      }
    }
  }

 private:
  fs::path folder_;
};

TEST_F(Programs, Agree) {
  if (!has("glpsol") && !has("cbc")) GTEST_SKIP() << "neither glpsol nor cbc is installed";
  if (backends().empty()) GTEST_SKIP() << "this build has no backend";
  for (const Model& model : {models::knapsack(), models::assignment(3, 8, 1), models::makespan(3, 6, 2)}) {
    expect_value(model, solve(model, backends().front()).objective);
  }
}

TEST_F(Programs, AgreeOnModelsWithoutAPoint) {
  if (!has("glpsol") && !has("cbc")) GTEST_SKIP() << "neither glpsol nor cbc is installed";
  expect_value(models::whole_half(), infinity);
}

// Every kind of bound and row, in numbers that are not round.
TEST_F(Programs, AgreeOnTinyModels) {
  if (!has("glpsol") && !has("cbc")) GTEST_SKIP() << "neither glpsol nor cbc is installed";
  int solved = 0;
  for (std::uint64_t seed = 0; solved < 12; ++seed) {
    const Model model = tiny::random_model(seed, {0.1, 1.1});
    const tiny::Optimum optimum = tiny::enumerate(model);
    if (!optimum.feasible || !optimum.bounded || model.variables() < 3) continue;
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_value(model, optimum.objective);
    ++solved;
  }
}

TEST_F(Programs, AStoppedCbcIsRead) {
  if (!has("cbc")) GTEST_SKIP() << "cbc is not installed";
  const Model model = models::makespan(8, 60, 1);
  write("model.mps", mps_text(model));
  ASSERT_TRUE(run("cbc model.mps maxNodes 1 solve solu solution")) << read("log");
  const ForeignSolution found = read_solution(model, SolutionFormat::cbc, read("solution"));
  EXPECT_EQ(found.status.rfind("Stopped on", 0), 0U) << found.status;
  EXPECT_TRUE(evaluate(model, tidied(model, found.point)).violation < 1e-5);
}

}  // namespace
}  // namespace plimsoll::solvers::mip
