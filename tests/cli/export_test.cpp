// The integer program on its way to other solvers and back: what they call optimal is what we call optimal, and their
// solutions are plans that hold.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "planner/experts/json.hpp"
#include "planner/experts/prepare.hpp"
#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"
#include "tests/planner/experts/brute_force.hpp"
#include "tests/planner/experts/random_instance.hpp"

namespace plimsoll::test {
namespace {

bool installed(const std::string& program) {
  return std::filesystem::exists("/usr/bin/" + program) || std::filesystem::exists("/usr/local/bin/" + program);
}

// Runs a solver on a file of ours; only paths that we made stand in the command.
int shell(const std::string& command) { return std::system((command + " > /dev/null 2>&1").c_str()); }

struct Solver {
  std::string program;
  std::string from;
  std::string (*command)(const std::string& model, const std::string& solution);
};

const std::vector<Solver>& solvers() {
  static const std::vector<Solver> list = {
      {"glpsol", "glpk",
       [](const std::string& model, const std::string& solution) {
         return "glpsol --freemps " + model + " --tmlim 60 -w " + solution;
       }},
      {"glpsol", "glpk",
       [](const std::string& model, const std::string& solution) {
         return "glpsol --freemps " + model + " --tmlim 60 -o " + solution;
       }},
      {"cbc", "cbc",
       [](const std::string& model, const std::string& solution) {
         return "cbc " + model + " -sec 60 -solve -solution " + solution;
       }},
  };
  return list;
}

double number_after(const std::string& text, const std::string& word) {
  const std::size_t place = text.find(word);
  return place == std::string::npos ? NAN : std::strtod(text.c_str() + place + word.size(), nullptr);
}

TEST(CliExport, WhatOtherSolversFindHolds) {
  int compared = 0;
  for (std::uint64_t seed = 700; seed < 714; ++seed) {
    const ExpertInstance instance = testing::tiny_instance(seed);
    if (!experts::Prepared(instance).impossible.empty()) continue;
    const testing::BruteForceResult best = testing::brute_force(instance);
    if (!best.objective) continue;
    const Folder folder;
    const std::string path = folder.file("instance.json", experts::write_instance(instance));
    const std::string model = folder.file("model.mps");
    ASSERT_EQ(run({"export", path, "--mps", model}).exit_code, 0);
    for (const Solver& solver : solvers()) {
      if (!installed(solver.program)) continue;
      const std::string solution = folder.file(solver.from + ".txt");
      ASSERT_EQ(shell(solver.command(model, solution)), 0) << seed;
      const std::string plan = folder.file("plan.json");
      const Finished checked = run({"check", path, "--solution", solution, "--from", solver.from, "-o", plan});
      EXPECT_EQ(checked.exit_code, 0) << seed << " " << solver.from << ": " << checked.out << checked.err;
      const double objective = number_after(checked.out, "objective ");
      EXPECT_LE(objective, *best.objective + 1e-6 * std::max(1.0, *best.objective)) << seed;
      if (best.exact) {
        EXPECT_GE(objective, *best.objective - 1e-6 * std::max(1.0, *best.objective)) << seed;
      }
      EXPECT_EQ(run({"check", path, plan}).exit_code, 0) << seed;
      ++compared;
    }
  }
  if (compared == 0) GTEST_SKIP() << "neither glpsol nor cbc is installed";
  EXPECT_GT(compared, 5);
}

// The raw style of HiGHS, which Debian 12 does not have.
std::string highs_solution(const std::vector<std::pair<std::string, double>>& values, double objective) {
  std::string text = "Model status\nOptimal\n\n# Primal solution values\nFeasible\nObjective " +
                     std::to_string(objective) + "\n# Columns " + std::to_string(values.size()) + "\n";
  for (const auto& [name, value] : values) text += name + " " + std::to_string(value) + "\n";
  return text + "# Rows 0\n";
}

// One expert with two tokens on one device: T_0 counts in units of 1/64 second.
std::string smallest_instance() {
  return R"({"plimsoll": 1, "problem": "experts", "name": "one",
 "model": {"layers": 1, "experts": 1},
 "cluster": {"nodes": 1, "devices_per_node": 1, "slots": 1, "fill_slots": false},
 "load": [[2]]})";
}

TEST(CliExport, ASolutionOfHighs) {
  const Folder folder;
  const std::string path = folder.file("instance.json", smallest_instance());
  const std::string solution =
      folder.file("solution.txt", highs_solution({{"T_0", 128}, {"x_0_0_0", 1}, {"f_0_0_0", 1}}, 2));
  const Finished checked = run({"check", path, "--solution", solution, "--from", "highs"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  EXPECT_EQ(checked.out.rfind("holds: objective 2, bound ", 0), 0U) << checked.out;
}

TEST(CliExport, ASolutionThatIsNone) {
  const Folder folder;
  const std::string path = folder.file("instance.json", smallest_instance());
  const auto checked = [&](const std::string& text) {
    return run({"check", path, "--solution", folder.file("solution.txt", text), "--from", "highs"});
  };
  // It ends too early, it stands nowhere, it is worth something else.
  for (const std::string& text : {highs_solution({{"T_0", 100}, {"x_0_0_0", 1}, {"f_0_0_0", 1}}, 1.5625),
                                  highs_solution({{"T_0", 128}, {"x_0_0_0", 0}, {"f_0_0_0", 0}}, 2),
                                  highs_solution({{"T_0", 128}, {"x_0_0_0", 1}, {"f_0_0_0", 1}}, 3)}) {
    const Finished finished = checked(text);
    EXPECT_EQ(finished.exit_code, 1) << text;
    EXPECT_NE(finished.out, "");
    EXPECT_EQ(finished.err, "");
  }
  const std::string plan = folder.file("plan.json");
  EXPECT_EQ(run({"check", path, "--solution", folder.file("solution.txt"), "--from", "highs", "-o", plan}).exit_code,
            1);
  EXPECT_FALSE(std::filesystem::exists(plan));
}

TEST(CliExport, FilesThatAreNoSolutionOfThisProgram) {
  const Folder folder;
  const std::string path = folder.file("instance.json", smallest_instance());
  const auto checked = [&](const std::string& text, const std::string& from) {
    return run({"check", path, "--solution", folder.file("solution.txt", text), "--from", from});
  };
  for (const std::string from : {"glpk", "cbc", "highs"}) {
    expect_one_line(checked("", from), {"solution.txt"});
    expect_one_line(checked("nonsense\n", from), {"solution.txt"});
    expect_one_line(checked(smallest_instance(), from), {"solution.txt"});
    expect_one_line(run({"check", path, "--solution", folder.file("missing.txt"), "--from", from}), {"missing.txt"});
    expect_one_line(run({"check", path, "--solution", folder.path(), "--from", from}), {"Is a directory"});
  }
  expect_one_line(checked(highs_solution({{"T_0", 1}, {"other", 1}, {"f_0_0_0", 1}}, 2), "highs"), {"other"});
  expect_one_line(checked(highs_solution({{"T_0", 1}}, 2), "highs"), {"solution.txt"});
  expect_one_line(checked("Infeasible - objective value 0.00000000\n", "cbc"), {"solution.txt"});
  expect_one_line(checked("", "gurobi"), {"gurobi", "highs"});
  expect_one_line(run({"check", path, "--solution", "x"}), {"--from"});
  expect_one_line(run({"check", path, "--from", "cbc"}), {"--solution"});
  expect_one_line(run({"check", path, "plan.json", "--solution", "x", "--from", "cbc"}), {"not both"});
  expect_one_line(run({"check", path, "plan.json", "-o", "x"}), {"--solution"});
  expect_one_line(run({"check", "-", "--solution", "-", "--from", "cbc"}), {"standard input"});
}

TEST(CliExport, WritesWholeFilesOrNone) {
  const Folder folder;
  const std::string path = folder.file("instance.json", small_instance());
  expect_one_line(run({"export", path}), {"--mps"});
  expect_one_line(run({"export", path, "--mps", folder.file("no/such.mps")}), {"there is no folder"});
  expect_one_line(run({"export", path, "--mps", path}), {"overwritten"});
  expect_one_line(run({"export", path, "--mps", "-", "--lp", "-"}), {"same file"});
  expect_one_line(run({"export", folder.file("missing.json"), "--mps", "-"}), {"missing.json"});
  expect_one_line(run({"export", path, "--mps", folder.file("a.mps"), "--cutoff", "much"}), {"--cutoff"});
  expect_one_line(run({"export", path, "--mps", folder.file("a.mps"), "--solu", folder.file("b"), "--plan", path}),
                  {"instance.json"});
  EXPECT_EQ(folder.entries(), 1U);

  const Finished printed = run({"export", path, "--lp", "-"});
  EXPECT_EQ(printed.exit_code, 0);
  EXPECT_NE(printed.out.find("Minimize"), std::string::npos);
  EXPECT_NE(printed.err.find("variables"), std::string::npos);
  ASSERT_EQ(run({"export", "-", "--mps", folder.file("a.mps")}, small_instance()).exit_code, 0);
  ASSERT_EQ(run({"export", path, "--mps", folder.file("b.mps")}).exit_code, 0);
  EXPECT_EQ(contents(folder.file("a.mps")), contents(folder.file("b.mps")));
}

TEST(CliExport, SaysWhatIsKnownAboutTheOptimum) {
  const Folder folder;
  const std::string path = folder.file("instance.json", small_instance());
  const std::string solu = folder.file("known.solu");
  ASSERT_EQ(run({"export", path, "--solu", solu}).exit_code, 0);
  EXPECT_EQ(contents(solu).rfind("=opt= small ", 0), 0U) << contents(solu);
  EXPECT_NEAR(number_after(contents(solu), "=opt= small "), 390, 1e-6);
  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", path, "-o", plan, "--method", "lpt"}).exit_code, 0);
  ASSERT_EQ(run({"export", path, "--solu", solu, "--plan", plan}).exit_code, 0);
  EXPECT_EQ(contents(solu).rfind("=best= small ", 0), 0U) << contents(solu);
  EXPECT_NEAR(number_after(contents(solu), "\n=bestdual= small "), 390, 1e-6) << contents(solu);
  const std::string impossible = folder.file("impossible.json", impossible_instance());
  ASSERT_EQ(run({"export", impossible, "--solu", solu, "--mps", folder.file("a.mps")}).exit_code, 0);
  EXPECT_EQ(contents(solu), "=inf= impossible\n");
}

TEST(CliExport, AProgramWithACutoffKeepsTheBestPlan) {
  if (!installed("cbc")) GTEST_SKIP() << "cbc is not installed";
  const Folder folder;
  const std::string path = folder.file("instance.json", small_instance());
  const std::string model = folder.file("model.mps");
  ASSERT_EQ(run({"export", path, "--mps", model, "--cutoff", "390"}).exit_code, 0);
  const std::string solution = folder.file("solution.txt");
  ASSERT_EQ(shell("cbc " + model + " -sec 60 -solve -solution " + solution), 0);
  const Finished checked =
      run({"check", path, "--solution", solution, "--from", "cbc", "--cutoff", "390", "-o", folder.file("plan.json")});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  EXPECT_EQ(checked.out.rfind("holds: objective 390", 0), 0U) << checked.out;
}

}  // namespace
}  // namespace plimsoll::test
