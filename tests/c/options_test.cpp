// Options, stopping and watching through the C interface.
#include <atomic>
#include <cstddef>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <thread>

#include "tests/c/handles.hpp"

namespace plimsoll::test {
namespace {

int32_t refused(const plimsoll_options& given) {
  const plimsoll_experts experts = eight_experts();
  const Instance instance(plimsoll_instance_from_experts(&experts, nullptr));
  plimsoll_error error;
  const Plan plan(plimsoll_solve(instance.get(), &given, &error));
  EXPECT_EQ(plan, nullptr);
  EXPECT_STRNE(error.message, "");
  return error.code;
}

TEST(COptions, WhatMakesNoSense) {
  const auto with = [](const auto& change) {
    plimsoll_options made = options();
    change(made);
    return made;
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refused(with([](auto& given) { given.threads = 0; })), PLIMSOLL_USAGE);
  EXPECT_EQ(refused(with([](auto& given) { given.gap = -1; })), PLIMSOLL_USAGE);
  EXPECT_EQ(refused(with([](auto& given) { given.gap = nan; })), PLIMSOLL_USAGE);
  EXPECT_EQ(refused(with([](auto& given) { given.time_limit_seconds = nan; })), PLIMSOLL_USAGE);
  EXPECT_EQ(refused(with([](auto& given) { given.seed = std::uint64_t{1} << 63; })), PLIMSOLL_USAGE);
  EXPECT_EQ(refused(with([](auto& given) { given.method = "none"; })), PLIMSOLL_USAGE);
  EXPECT_EQ(refused(with([](auto& given) { given.struct_size = 0; })), PLIMSOLL_USAGE);
}

TEST(COptions, AnOlderProgramGetsDefaults) {
  plimsoll_options given = options();
  given.struct_size = offsetof(plimsoll_options, gap);
  given.gap = -1;  // lies beyond what that program's header knew
  given.progress_data = &given;
  const plimsoll_experts experts = eight_experts();
  const Instance instance(plimsoll_instance_from_experts(&experts, nullptr));
  plimsoll_error error;
  EXPECT_NE(Plan(plimsoll_solve(instance.get(), &given, &error)), nullptr) << error.message;
}

TEST(COptions, ANewerProgramMaySetNothingThatIsUnknown) {
  struct Newer {
    plimsoll_options known;
    std::uint64_t unknown;
  } newer;
  newer.unknown = 77;
  plimsoll_options_init(&newer.known, sizeof newer);
  EXPECT_EQ(newer.known.struct_size, sizeof newer);
  EXPECT_EQ(newer.unknown, 0U);
  const plimsoll_experts experts = eight_experts();
  const Instance instance(plimsoll_instance_from_experts(&experts, nullptr));
  plimsoll_error error;
  EXPECT_NE(Plan(plimsoll_solve(instance.get(), &newer.known, &error)), nullptr) << error.message;
  newer.unknown = 1;
  EXPECT_EQ(plimsoll_solve(instance.get(), &newer.known, &error), nullptr);
  EXPECT_EQ(error.code, PLIMSOLL_USAGE);
}

TEST(COptions, InitWritesNoFurtherThanAsked) {
  plimsoll_options given;
  std::memset(&given, 0x55, sizeof given);
  plimsoll_options_init(&given, offsetof(plimsoll_options, seed));
  EXPECT_EQ(given.threads, 1);
  EXPECT_EQ(given.seed, 0x5555555555555555U);
}

TEST(COptions, CertificatesOfEverySize) {
  const plimsoll_experts experts = eight_experts();
  const Instance instance(plimsoll_instance_from_experts(&experts, nullptr));
  const Plan plan(plimsoll_solve(instance.get(), nullptr, nullptr));
  plimsoll_certificate certificate;
  certificate.struct_size = offsetof(plimsoll_certificate, gap);
  certificate.gap = 17;
  EXPECT_EQ(plimsoll_plan_certificate(plan.get(), &certificate, nullptr), PLIMSOLL_OK);
  EXPECT_NEAR(certificate.objective, 590.0 / 3, 1e-9);
  EXPECT_EQ(certificate.gap, 17);
  certificate.struct_size = 0;
  EXPECT_EQ(plimsoll_plan_certificate(plan.get(), &certificate, nullptr), PLIMSOLL_USAGE);
}

TEST(CStop, RequestedBefore) {
  const Stop stop(plimsoll_stop_make(nullptr));
  plimsoll_stop_request(stop.get());
  plimsoll_options given = options();
  given.stop = stop.get();
  given.work_limit = std::numeric_limits<std::uint64_t>::max();
  const Instance instance = endless();
  // Twice: it stays requested.
  for (int time = 0; time < 2; ++time) {
    const Plan plan(plimsoll_solve(instance.get(), &given, nullptr));
    ASSERT_NE(plan, nullptr);
    EXPECT_EQ(certificate_of(plan).stopped_by, PLIMSOLL_STOPPED_BY_INTERRUPT);
  }
}

TEST(CStop, RequestedDuringManySolves) {
  const Stop stop(plimsoll_stop_make(nullptr));
  const Instance instance = endless();
  std::atomic<int> begun{0};
  std::vector<int32_t> stopped_by(3, -1);
  std::vector<std::thread> threads;
  for (int32_t& reason : stopped_by) {
    threads.emplace_back([&] {
      plimsoll_options given = options();
      given.stop = stop.get();
      given.work_limit = std::numeric_limits<std::uint64_t>::max();
      given.progress = [](const plimsoll_progress*, void* data) {
        ++*static_cast<std::atomic<int>*>(data);
        return 0;
      };
      given.progress_data = &begun;
      const Plan plan(plimsoll_solve(instance.get(), &given, nullptr));
      const plimsoll_certificate certificate = certificate_of(plan);
      EXPECT_LE(certificate.bound, certificate.objective);
      reason = certificate.stopped_by;
    });
  }
  while (begun < 3) std::this_thread::yield();
  plimsoll_stop_request(stop.get());
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stopped_by, std::vector<int32_t>(3, PLIMSOLL_STOPPED_BY_INTERRUPT));
}

TEST(CStop, ProgressStopsItsOwnSolveAlone) {
  const Stop stop(plimsoll_stop_make(nullptr));
  const Instance instance = endless();
  plimsoll_options given = options();
  given.stop = stop.get();
  given.work_limit = std::numeric_limits<std::uint64_t>::max();
  double objective = 0;
  given.progress = [](const plimsoll_progress* progress, void* data) {
    *static_cast<double*>(data) = progress->objective;
    return progress->objective > 0 ? 1 : 0;  // NaN until there is a plan
  };
  given.progress_data = &objective;
  const Plan plan(plimsoll_solve(instance.get(), &given, nullptr));
  EXPECT_EQ(certificate_of(plan).stopped_by, PLIMSOLL_STOPPED_BY_INTERRUPT);
  EXPECT_GE(objective, certificate_of(plan).objective);
  // The next solve with the same token is none the worse.
  given.progress = nullptr;
  given.work_limit = 1000;
  const Plan next(plimsoll_solve(instance.get(), &given, nullptr));
  EXPECT_EQ(certificate_of(next).stopped_by, PLIMSOLL_STOPPED_BY_WORK);
}

TEST(CStop, ACallbackThatThrows) {
  plimsoll_options given = options();
  given.progress = [](const plimsoll_progress*, void*) -> int32_t { throw std::runtime_error("mine"); };
  EXPECT_EQ(refused(given), PLIMSOLL_INTERNAL);
}

TEST(CThreads, OneInstanceManySolves) {
  const plimsoll_experts experts = eight_experts();
  const Instance instance(plimsoll_instance_from_experts(&experts, nullptr));
  const std::string expected = digest_of(Plan(plimsoll_solve(instance.get(), nullptr, nullptr)));
  std::vector<std::string> digests(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    threads.emplace_back([&, i] {
      plimsoll_options given = options();
      given.threads = 1 + static_cast<int32_t>(i % 3);
      const Plan plan(plimsoll_solve(instance.get(), &given, nullptr));
      std::int64_t violations = -1;
      EXPECT_EQ(plimsoll_check(instance.get(), plan.get(), &violations, nullptr, 0, nullptr), PLIMSOLL_OK);
      EXPECT_EQ(violations, 0);
      digests[i] = digest_of(plan);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(digests, std::vector<std::string>(8, expected));
}

}  // namespace
}  // namespace plimsoll::test
