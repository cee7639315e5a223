#include "planner/experts/step/generate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "planner/experts/generate.hpp"
#include "planner/experts/step/json.hpp"
#include "plimsoll/error.hpp"
#include "tests/cli/files.hpp"

namespace plimsoll::experts::step {
namespace {

using Given = std::map<std::string, std::string, std::less<>>;

std::string text_of(const Given& given, std::uint64_t seed = 1) { return experts::generate(given, seed); }

StepInstance made(const Given& given, std::uint64_t seed = 1) {
  common::Document document;
  document.json = support::parse(text_of(given, seed));
  return read_instance(document);
}

std::string refusal_of(const Given& given) {
  try {
    text_of(given);
  } catch (const Error& error) {
    return error.what();
  }
  return "made";
}

Given small(Given more) {
  more.insert({{"microsteps", "6"}, {"layers", "3"}, {"experts", "16"}, {"tokens", "1000"}, {"slots", "3"}});
  return more;
}

// Mean over layers and experts of the squared distance of a micro-step's part from the step's.
double spread(const StepInstance& instance) {
  double sum = 0;
  for (const Matrix<double>& load : instance.load) {
    for (std::size_t i = 0; i < load.data().size(); ++i) {
      const double mean = instance.experts.load.data()[i] / static_cast<double>(instance.load.size());
      sum += (load.data()[i] - mean) * (load.data()[i] - mean);
    }
  }
  return sum;
}

TEST(GenerateStep, TheSameSeedGivesTheSameBytes) {
  const Given given = small({{"sources", "1"}, {"dispatch-bytes", "7"}});
  EXPECT_EQ(text_of(given, 5), text_of(given, 5));
  EXPECT_NE(text_of(given, 5), text_of(given, 6));
}

TEST(GenerateStep, EveryMicroStepAndLayerHasAllTokens) {
  const StepInstance instance = made(small({{"volatility", "5"}}));
  ASSERT_EQ(instance.microsteps(), 6);
  for (const Matrix<double>& load : instance.load) {
    for (std::size_t layer = 0; layer < 3; ++layer) {
      const auto row = load.row(layer);
      EXPECT_EQ(std::accumulate(row.begin(), row.end(), 0.0), 1000);
    }
  }
  EXPECT_NE(instance.load[0], instance.load[1]);
}

TEST(GenerateStep, TheSmallerTheConcentrationTheWilder) {
  const auto spread_at = [](const char* volatility) {
    return spread(made(small({{"volatility", volatility}, {"tokens", "100000"}})));
  };
  EXPECT_GT(spread_at("5"), 3 * spread_at("60"));
  EXPECT_GT(spread_at("60"), 3 * spread_at("1000"));
  EXPECT_GT(spread_at("1000"), 3 * spread_at("0"));
  EXPECT_GT(spread_at("0"), 0);  // the draw of tokens alone
}

TEST(GenerateStep, OptionsArrive) {
  const StepInstance instance = made(small({{"transient-slots", "2"},
                                            {"top-k", "8"},
                                            {"intra", "3.7e11"},
                                            {"nic", "5e10"},
                                            {"host", "2.5e10"},
                                            {"latency", "1e-5"},
                                            {"token-seconds", "1e-8"},
                                            {"other-seconds", "0.001"},
                                            {"expert-bytes", "9.4e6"},
                                            {"gradient-bytes", "1.9e7"},
                                            {"backward", "1"},
                                            {"sources", "1"},
                                            {"dispatch-bytes", "4096"},
                                            {"combine-bytes", "8192"},
                                            {"overlap", "full"},
                                            {"nodes", "2"},
                                            {"devices-per-node", "4"}}));
  EXPECT_EQ(instance.transient_slots, 2);
  EXPECT_EQ(instance.experts.model.top_k, 8);
  ASSERT_TRUE(instance.experts.cluster.link.has_value());
  EXPECT_EQ(instance.experts.cluster.link->intra_bytes_per_second, 3.7e11);
  EXPECT_EQ(instance.experts.cluster.link->nic_bytes_per_second, 5e10);
  EXPECT_EQ(instance.experts.cluster.link->host_bytes_per_second, 2.5e10);
  EXPECT_EQ(instance.experts.cluster.link->latency_seconds, 1e-5);
  EXPECT_EQ(instance.experts.cost.token_seconds, 1e-8);
  EXPECT_EQ(instance.experts.cost.other_seconds, 0.001);
  EXPECT_EQ(instance.experts.model.expert_bytes, 9.4e6);
  EXPECT_EQ(instance.experts.model.gradient_bytes, 1.9e7);
  EXPECT_TRUE(instance.gradient_return);
  EXPECT_EQ(instance.schedule.size(), 12U);
  EXPECT_EQ(instance.sources.size(), 6U);  // the strict reader has added them up
  EXPECT_EQ(instance.experts.model.dispatch_token_bytes, 4096);
  EXPECT_EQ(instance.experts.model.combine_token_bytes, 8192);
  EXPECT_EQ(instance.communication.overlap, Overlap::full);
  EXPECT_EQ(made(small({{"transient-pool-slots", "3"}})).transient_pool_slots, 3);
  EXPECT_FALSE(made(small({})).experts.cluster.link.has_value());
}

TEST(GenerateStep, APlacementForOtherLoadsMayStand) {
  const StepInstance instance = made(small({{"drift", "0.5"}, {"max-moves", "7"}}));
  ASSERT_TRUE(instance.experts.placement.has_value());
  EXPECT_EQ(instance.experts.placement->columns(), 24U);
  EXPECT_EQ(instance.experts.limits.max_moves, 7);
}

TEST(GenerateStep, OptionsThatMeanNothingAreRefused) {
  const std::map<std::string, std::string> other = {{"overlap", "full"}, {"domains", "a.csv"}};
  for (const std::string_view option : generate_options_of_steps) {
    const auto found = other.find(std::string(option));
    Given given{{std::string(option), found != other.end() ? found->second : "1"}};
    EXPECT_EQ(refusal_of(given), "--" + std::string(option) + " has no meaning without --microsteps");
  }
  EXPECT_EQ(refusal_of(small({{"overlap", "full"}})), "--overlap has no meaning without --sources 1");
  EXPECT_EQ(refusal_of(small({{"domains-per-microstep", "3"}})),
            "--domains-per-microstep has no meaning without --domains");
  EXPECT_EQ(refusal_of(small({{"domains-model", "m"}})), "--domains-model has no meaning without --domains");
  EXPECT_NE(refusal_of(small({{"latency", "1"}})).find("--latency needs a rate"), std::string::npos);
  EXPECT_NE(refusal_of(small({{"transient-slots", "1"}, {"transient-pool-slots", "1"}})).find("expected one of them"),
            std::string::npos);
  EXPECT_NE(refusal_of({{"microsteps", "1000000"}, {"layers", "1000"}}).find("--microsteps: 1000000 are too many"),
            std::string::npos);
  EXPECT_NE(refusal_of(small({{"volatility", "-1"}})).find("--volatility"), std::string::npos);
  EXPECT_NE(refusal_of({{"microsteps", "1.5"}}).find("--microsteps: expected a whole number"), std::string::npos);
}

// Two domains that share no expert.
const std::string two_domains =
    "model,domain,layer,expert,count\n"
    "m,code,0,0,30\nm,code,0,1,10\nm,code,7,0,5\nm,book,0,2,1\nm,book,0,3,3\nm,book,7,3,9\n";

TEST(GenerateStep, DomainsAreMixed) {
  const test::Folder folder;
  const Given given{{"microsteps", "40"},
                    {"layers", "2"},
                    {"experts", "6"},
                    {"tokens", "4000"},
                    {"slots", "2"},
                    {"volatility", "0"},
                    {"domains", folder.file("d.csv", two_domains)},
                    {"domains-per-microstep", "1"}};
  const StepInstance instance = made(given);
  int code = 0;
  for (const Matrix<double>& load : instance.load) {
    const bool is_code = load.at(0, 0) > 0;
    code += is_code ? 1 : 0;
    EXPECT_EQ(load.at(0, 0) + load.at(0, 1), is_code ? 4000 : 0);
    EXPECT_EQ(load.at(0, 2) + load.at(0, 3), is_code ? 0 : 4000);
    EXPECT_EQ(load.at(1, 0), is_code ? 4000 : 0);
    EXPECT_EQ(load.at(1, 3), is_code ? 0 : 4000);
    EXPECT_EQ(load.at(0, 5), 0);
    EXPECT_NEAR(load.at(0, 0), is_code ? 3000 : 0, 200);
  }
  EXPECT_GT(code, 8);
  EXPECT_LT(code, 32);
  Given both = given;
  both["domains-per-microstep"] = "50";
  EXPECT_NEAR(made(both).load[0].at(0, 0), 1500, 600);  // three quarters of about half
}

TEST(GenerateStep, WrongDomainsAreRefused) {
  const test::Folder folder;
  int number = 0;
  const auto refusal_with = [&](const std::string& text, const Given& more = {}) {
    Given given{{"microsteps", "2"},
                {"layers", "2"},
                {"experts", "6"},
                {"slots", "2"},
                {"domains", folder.file(std::to_string(++number) + ".csv", text)}};
    for (const auto& [key, value] : more) given[key] = value;
    return refusal_of(given);
  };
  const auto expect = [](const std::string& got, const std::string& part) {
    EXPECT_NE(got.find(part), std::string::npos) << got;
  };
  EXPECT_EQ(refusal_with(two_domains), "made");
  expect(refusal_with(""), "got an empty file");
  expect(refusal_with("layer,expert,count\n0,0,1\n"), "expected the columns domain, layer, expert and count");
  expect(refusal_with("domain,layer,expert,count\n"), "and rows");
  expect(refusal_with("domain,layer,expert\na,0,0\n"), "count");
  expect(refusal_with("domain,layer,expert,count\na,0,0,1\nb,1,0,1\n"), "other layers than \"a\"");
  expect(refusal_with("model,domain,layer,expert,count\nm,a,0,0,1\nn,a,0,0,1\n"), "several models: \"m\", \"n\"");
  expect(refusal_with(two_domains, {{"domains-model", "n"}}), "no model \"n\", only \"m\"");
  expect(refusal_with("domain,layer,expert,count\na,0,0,1\n", {{"domains-model", "n"}}), "tells no models apart");
  EXPECT_EQ(refusal_with(two_domains + "n,page,1,1,1\n", {{"domains-model", "m"}}), "made");
  expect(refusal_with("domain,layer,expert,count\na,0,0,1\na,1,0,-1\n"), "line 3");
  expect(refusal_with("domain,layer,expert,count\na,0,0,1\na,1,0,0\n"), "has no tokens");
  expect(refusal_with(two_domains, {{"layers", "3"}}), "--layers: the table of --domains has no more than 2");
  expect(refusal_with(two_domains, {{"experts", "3"}}), "--experts: the table of --domains has 4");
  expect(refusal_with(two_domains, {{"skew", "2"}}), "--skew has no meaning with --domains");
  expect(refusal_with(two_domains, {{"domains", folder.file("none.csv")}}), "none.csv");
}

}  // namespace
}  // namespace plimsoll::experts::step
