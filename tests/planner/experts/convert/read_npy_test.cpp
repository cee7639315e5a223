// Loads in NumPy files, with and without steps.
#include <cmath>

#include "tests/planner/experts/convert/convert_fixture.hpp"

namespace plimsoll::experts {
namespace {

Values with(const std::string& option, const std::string& value) {
  Values values = cluster_values("1", "2", "3");
  values[option] = {value};
  return values;
}

const Values cluster = cluster_values("1", "2", "3");
const std::string steps = npy("(3, 1, 2)", {1, 2, 10, 20, 100, 200});

Matrix<double> load_of(const std::string& text, const Values& values = cluster) {
  return instance_of(converted("npy", text, values)).load;
}

TEST(ReadNpy, LayersAndExperts) {
  EXPECT_EQ(load_of(npy("(2, 2)", {1, 2, 3.5, 0})), Matrix<double>(2, 2, {1, 2, 3.5, 0}));
  const auto chosen = converted("npy", npy("(3, 1)", {1, 2, 3}), with("layers", "1:3"));
  EXPECT_EQ(instance_of(chosen).load, Matrix<double>(2, 1, {2, 3}));
  EXPECT_NE(chosen.text.find("\"x-layers\": [1, 2]"), std::string::npos);
}

TEST(ReadNpy, StepsAreSummedOrChosen) {
  EXPECT_EQ(load_of(steps), Matrix<double>(1, 2, {111, 222}));
  EXPECT_EQ(load_of(steps, with("step", "1")), Matrix<double>(1, 2, {10, 20}));
  EXPECT_EQ(load_of(steps, with("steps", "1:3")), Matrix<double>(1, 2, {110, 220}));
  EXPECT_EQ(converted("npy", steps, cluster).notes.front(),
            "loads are summed over 3 steps (--step N or --steps A:B chooses)");
  expect_refusal(refusal("npy", steps, with("steps", "1:4")), "the steps 0 to 2, step 3 was asked for");
  for (const std::string value : {"", "1", "2:1", "1:1", "-1:2", "a:b", "1:2:3", "1:99999999999999999999"}) {
    expect_refusal(refusal("npy", steps, with("steps", value)), "--steps: expected a range");
  }
  expect_refusal(refusal("npy", npy("(1, 1)", {1}), with("step", "0")), "need an array of [steps, layers, experts]");
  Values both = with("step", "0");
  both["steps"] = {"0:1"};
  expect_refusal(refusal("npy", steps, both), "only one of --step and --steps");
}

TEST(ReadNpy, WrongFiles) {
  expect_refusal(refusal("npy", "", cluster), "is no NumPy file");
  expect_refusal(refusal("npy", "layer,expert\n", cluster), "is no NumPy file");
  expect_refusal(refusal("npy", npy("(2,)", {1, 2}), cluster), "got shape (2)");
  expect_refusal(refusal("npy", npy("(1, 1, 1, 2)", {1, 2}), cluster), "got shape (1, 1, 1, 2)");
  expect_refusal(refusal("npy", npy("(0, 2)", {}), cluster), "is empty");
  expect_refusal(refusal("npy", npy("(0, 1, 2)", {}), cluster), "no steps");
  expect_refusal(refusal("npy", npy("(1, 2)", {1, -2}), cluster), "got -2 at [0][1]");
  expect_refusal(refusal("npy", npy("(1, 2)", {std::nan(""), 2}), cluster), "got nan at [0][0]");
  expect_refusal(refusal("npy", npy("(1, 2)", {1, 1e300}), cluster), "got 1e+300 at [0][1]");
  expect_refusal(refusal("npy", npy("(2, 1, 1)", {1e15, 1}), cluster), "at [1][0][0]");
  expect_refusal(refusal("npy", npy("(2, 1)", {1, 2}), with("layers", "0:3")), "the file has no layer 2");
  for (const std::string value : {"", "1,0", "0,0", "3:1", "0:", "x", "0:99999999", "-1", "0,,1"}) {
    expect_refusal(refusal("npy", npy("(2, 1)", {1, 2}), with("layers", value)), "--layers: expected");
  }
}

}  // namespace
}  // namespace plimsoll::experts
