// Whole layers: attention in front of the experts of a plan.
#include <gtest/gtest.h>

#include <numeric>

#include "executor/run/report_json.hpp"
#include "executor/telemetry/trace.hpp"
#include "plimsoll/error.hpp"
#include "support/json.hpp"
#include "tests/error_of.hpp"
#include "tests/executor/run/run_fixture.hpp"

namespace plimsoll::executor {
namespace {

// A chunk of a prefill, decoding, and something between; behind nothing, and behind a context with a ragged end.
std::vector<AttentionRequest> requests() {
  std::vector<AttentionRequest> all;
  for (const bool sparse : {true, false}) {
    all.push_back({.sparse = sparse, .context = 0, .sequences = 1});
    all.push_back({.sparse = sparse, .context = 700, .sequences = 1});
    all.push_back({.sparse = sparse, .context = 700, .sequences = 0});
    all.push_back({.sparse = sparse, .context = 384, .sequences = 3, .shared_context = true});
  }
  return all;
}

std::string words(const AttentionRequest& request) {
  return std::string(request.sparse ? "msa" : "dense") + ", context " + std::to_string(request.context) + ", " +
         std::to_string(request.sequences) + " sequences";
}

RunPlan some_step(int layers = 2) {
  return step_run(
      StepMaker({.devices_per_node = 8, .base_slots = 2, .transient_slots = 1, .layers = layers}, 7).make());
}

TEST(RunAttention, ThreadsAndDevicesAtOnceDoNotMatter) {
  const RunPlan plan = some_step();
  const ModelShape shape = small_shape({});
  for (const AttentionRequest& request : requests()) {
    std::string expected;
    for (const int devices : {1, 2, 8}) {
      for (const int threads : {1, 2, 4}) {
        Rig rig(plan, shape, {devices, threads}, chosen_isa(), request);
        const RunResult result = rig.run();
        if (expected.empty()) expected = rig.unplanned_output();
        EXPECT_EQ(result.output_sha256, expected)
            << words(request) << ", " << devices << " devices on " << threads << " threads";
      }
    }
  }
}

TEST(RunAttention, PlansDoNotMatter) {
  const Sizes sizes{.base_slots = 4};
  support::Random random(5);
  const ExpertInstance instance = static_instance(sizes, random);
  for (const NumberType type : {NumberType::f32, NumberType::bf16}) {
    for (const AttentionRequest& request : requests()) {
      std::string expected;
      for (int turn = 0; turn < 2; ++turn) {
        const RunPlan plan = static_run(instance, static_plan(instance, random));
        Rig rig(plan, small_shape(sizes, type), {2, 2}, chosen_isa(), request);
        const RunResult result = rig.run();
        if (expected.empty()) expected = result.output_sha256;
        EXPECT_EQ(result.output_sha256, expected) << words(request);
        EXPECT_EQ(rig.run({.preloaded = true}).output_sha256, expected) << words(request);
      }
    }
  }
}

TEST(RunAttention, EveryRunBeginsWithTheContextAgain) {
  const RunPlan plan = some_step(1);
  for (const AttentionRequest& request : requests()) {
    Rig rig(plan, small_shape({}), {2, 2}, chosen_isa(), request);
    const std::string first = rig.run().output_sha256;
    std::atomic<bool> stop{false};
    RunOptions stopped{.stop = &stop};
    stopped.progress = [&](std::size_t) { stop = true; };
    EXPECT_FALSE(rig.run(stopped).complete);
    EXPECT_EQ(rig.run().output_sha256, first) << words(request);
    EXPECT_EQ(rig.run({.routing = RoutingBy::model}).output_sha256,
              rig.unplanned_output({.routing = RoutingBy::model}));
  }
}

TEST(RunAttention, WhatIsAskedForMatters) {
  const RunPlan plan = some_step(1);
  const ModelShape shape = small_shape({});
  std::vector<std::string> outputs{Rig(plan, shape, {1, 1}).run().output_sha256};
  for (const AttentionRequest& request : requests()) {
    // Of fewer blocks than are kept sparse attention is dense.
    if (request.sparse && request.context == 0) continue;
    outputs.push_back(Rig(plan, shape, {1, 1}, chosen_isa(), request).run().output_sha256);
  }
  std::sort(outputs.begin(), outputs.end());
  EXPECT_EQ(std::unique(outputs.begin(), outputs.end()), outputs.end());
}

TEST(RunAttention, TheFormOfTheIndexDoesNotMatter) {
  const RunPlan plan = some_step();
  std::string expected;
  for (const IndexForm form : {IndexForm::exact, IndexForm::quantised, IndexForm::hierarchical}) {
    Rig rig(plan, small_shape({}), {2, 2}, chosen_isa(),
            AttentionRequest{.context = 2000, .sequences = 2, .form = form});
    const std::string output = rig.run().output_sha256;
    if (expected.empty()) expected = output;
    EXPECT_EQ(output, expected) << name_of(form);
  }
}

// Two sequences are two runs of one each.
TEST(RunAttention, SequencesDoNotSeeEachOther) {
  const AttentionLayerShape shape = layer_shape(small_shape({}), {.context = 0});
  Seats seats(1, 2);
  constexpr int tokens = 300;
  std::vector<float> x(tokens * 48);
  support::Random random(3);
  for (float& value : x) value = static_cast<float>(random.normal());
  const auto run = [&](std::vector<float> rows, int sequences) {
    const std::vector<int> counts{static_cast<int>(rows.size() / 48)};
    AttentionWork work(shape, {.sequences = sequences}, 1, counts, chosen_isa(), 4, seats);
    work.begin_run();
    WindowAttention times;
    work.run(0, 0, rows.data(), times, nullptr);
    return rows;
  };
  const std::vector<float> both = run(x, 2);
  const auto middle = static_cast<std::ptrdiff_t>(x.size() / 2);
  EXPECT_EQ(std::vector<float>(both.begin(), both.begin() + middle), run({x.begin(), x.begin() + middle}, 1));
  EXPECT_EQ(std::vector<float>(both.begin() + middle, both.end()), run({x.begin() + middle, x.end()}, 1));
  EXPECT_NE(both, run(x, 1));
}

TEST(RunAttention, RowsAreDividedEvenly) {
  EXPECT_EQ(rows_of_sequences({.sequences = 1}, 5), (std::vector<int>{0, 5}));
  EXPECT_EQ(rows_of_sequences({.sequences = 2}, 5), (std::vector<int>{0, 2, 5}));
  EXPECT_EQ(rows_of_sequences({.sequences = 9}, 3), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(rows_of_sequences({.sequences = 0}, 3), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(rows_of_sequences({.sequences = 0}, 0), (std::vector<int>{0}));
}

TEST(RunAttention, TheShapeMustHaveIt) {
  ModelShape shape = small_shape({});
  shape.attention->sizes.index_size = 0;
  EXPECT_NO_THROW(static_cast<void>(layer_shape(shape, {.sparse = false})));
  Error error = error_of([&] { static_cast<void>(layer_shape(shape, {.sparse = true})); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_NE(error.advice().find("dense"), std::string::npos);
  shape.attention.reset();
  error = error_of([&] { static_cast<void>(layer_shape(shape, {.sparse = false})); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
}

TEST(RunAttention, TooLargeACacheIsRefusedBefore) {
  const RunPlan plan = some_step();
  const auto make = [&](const AttentionRequest& request) {
    return error_of([&] { Rig(plan, small_shape({}), {1, 1}, chosen_isa(), request); });
  };
  const Error many = make({.context = 1'000'000'000, .sequences = 0});
  EXPECT_EQ(many.code(), ErrorCode::memory);
  EXPECT_NE(std::string(many.what()).find("sequences of 1000000000 tokens"), std::string::npos) << many.what();
  EXPECT_NE(many.advice().find("--shared-context"), std::string::npos);
  const Error one = make({.context = 1'000'000'000, .sequences = 1});
  EXPECT_EQ(one.code(), ErrorCode::memory);
  EXPECT_EQ(one.advice().find("--shared-context"), std::string::npos);
}

// Against plain loops over queries and keys.
TEST(RunAttention, CountsAreThoseOfPlainLoops) {
  for (const AttentionRequest& request : requests()) {
    AttentionLayerShape shape = layer_shape(small_shape({}), request);
    for (const int tokens : {1, 7, 400}) {
      for (const auto local : {Selection::Local::inside, Selection::Local::beside}) {
        shape.selection.local = local;
        const IndexTraffic traffic{.exact_bytes = 100, .quantised_bytes = INT64_MAX};
        const AttentionCounts counts = attention_counts(shape, request, tokens, traffic);
        const std::vector<int> begin = rows_of_sequences(request, tokens);
        double seen = 0;
        double scored = 0;
        double blocks = 0;
        for (std::size_t s = 0; s + 1 < begin.size(); ++s) {
          blocks += (request.context + begin[s + 1] - begin[s]) / block_keys;
          for (int row = 0; row < begin[s + 1] - begin[s]; ++row) {
            const int position = request.context + row;
            const int own = position / block_keys;
            int left = shape.selection.blocks - (local == Selection::Local::inside ? 1 : 0);
            for (int key = 0; key <= position; ++key) {
              const bool before = key / block_keys != own;
              scored += before ? 1 : 0;
              seen += !before || !shape.sparse || key / block_keys < left ? 1 : 0;  // some blocks, the first ones
            }
          }
        }
        const auto of = [&](AttentionPart part) { return counts[static_cast<std::size_t>(part)]; };
        EXPECT_EQ(of(AttentionPart::attend).flops, 4 * 4 * 16 * seen) << words(request);
        EXPECT_GT(of(AttentionPart::attend).bytes, 0);
        EXPECT_LE(of(AttentionPart::attend).bytes, 2 * 2 * 16 * 2 * seen);
        EXPECT_EQ(of(AttentionPart::index).flops, shape.sparse ? 2 * 2 * 16 * scored : 0);
        if (!shape.sparse) {
          EXPECT_EQ(of(AttentionPart::index).bytes, 0);
        } else {
          EXPECT_GE(of(AttentionPart::index).bytes, blocks * 16 * 128);  // the 8-bit codes, once
          EXPECT_LE(of(AttentionPart::index).bytes, blocks * 16 * 128 * 1.2 + 100);
        }
        const int index = shape.sparse ? 3 * 16 : 0;
        EXPECT_EQ(of(AttentionPart::project_in).flops, 2.0 * 48 * (4 * 16 + 2 * 2 * 16 + index) * tokens);
        EXPECT_EQ(of(AttentionPart::project_out).bytes, 48 * 4 * 16 * 2);
        EXPECT_EQ(of(AttentionPart::norm).flops + of(AttentionPart::append).bytes, 0);
      }
    }
  }
}

TEST(RunAttention, ReportAndTraceHaveTheParts) {
  const RunPlan plan = some_step();
  const ModelShape shape = small_shape({});
  const AttentionRequest request{.context = 700, .sequences = 2};
  Rig rig(plan, shape, {2, 2}, chosen_isa(), request);
  Recorder recorder(1000);
  const RunResult result = rig.run({}, &recorder);
  for (const WindowTimes& window : result.windows) {
    EXPECT_GT(window.attention.seconds, 0);
    const auto ns =
        std::accumulate(window.attention.times.ns.begin(), window.attention.times.ns.end(), std::int64_t{0});
    EXPECT_LE(static_cast<double>(ns) * 1e-9, window.attention.seconds);
    EXPECT_LE(window.normalise_seconds + window.expert_seconds + window.combine_seconds, window.seconds + 1e-9);
  }
  RunFacts facts;
  facts.seats = rig.seats();
  facts.attention = AttentionFacts{rig.attention()->shape(), request, rig.attention()->sequences(),
                                   rig.attention()->weight_bytes(), rig.attention()->cache_bytes()};
  const support::Json report =
      support::parse(report_json(facts, plan, shape, rig.weights().expert_bytes(), result, nullptr));
  ASSERT_NE(report.find("attention"), nullptr);
  EXPECT_EQ(*report.find("attention")->find("kind")->string(), "msa");
  double shares = 0;
  std::vector<std::string> names;
  for (const support::Json& part : *report.find("parts")->array()) {
    names.push_back(*part.find("part")->string());
    shares += support::Reader(*part.find("share")).number(0, 1);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"attention norm", "project in", "rotate", "append", "index", "attend",
                                             "project out", "expert norm", "experts", "combine"}));
  EXPECT_LE(shares, 1 + 1e-9);
  EXPECT_NE(report.find("windows")->array()->front().find("part_seconds"), nullptr);

  // Every part lies in an attention, and every attention before the window of its layer.
  const Lane* lane = nullptr;
  for (const Lane* some : recorder.lanes()) {
    if (some->name == "windows") lane = some;
  }
  ASSERT_NE(lane, nullptr);
  SpanRecord attention;
  std::size_t parts = 0;
  for (const SpanRecord& span : lane->spans.all()) {
    if (std::string_view(span.name) == "attention")
      attention = span;
    else if (std::string_view(span.category) == "attention") {
      EXPECT_GE(span.begin_ns, attention.begin_ns);
      EXPECT_LE(span.end_ns, attention.end_ns);
      ++parts;
    } else {
      EXPECT_GE(span.begin_ns, attention.end_ns) << span.name;
      EXPECT_EQ(span.arguments.layer, attention.arguments.layer);
    }
  }
  EXPECT_EQ(parts, 7 * plan.windows.size());
  EXPECT_NE(trace_json(recorder).find("attention flops"), std::string::npos);
}

TEST(RunAttention, NoTokensAtAll) {
  const Sizes sizes{};
  support::Random random(3);
  ExpertInstance instance = static_instance(sizes, random);
  instance.load = Matrix<double>(at(sizes.layers), at(sizes.experts), 0.0);
  const RunPlan plan = static_run(instance, static_plan(instance, random));
  for (const AttentionRequest& request : requests()) {
    Rig rig(plan, small_shape(sizes), {2, 2}, chosen_isa(), request);
    EXPECT_TRUE(rig.run().complete);
  }
}

}  // namespace
}  // namespace plimsoll::executor
