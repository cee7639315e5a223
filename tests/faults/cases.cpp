#include "tests/faults/cases.hpp"

#include <cstdio>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "plimsoll/balancer.hpp"
#include "plimsoll/digest.hpp"
#include "plimsoll/error.hpp"
#include "plimsoll/plimsoll.h"
#include "plimsoll/rebalance.hpp"
#include "plimsoll/solve.hpp"
#include "solvers/mip/solver.hpp"
#include "tests/c/handles.hpp"

namespace plimsoll::testing {
namespace {

std::string shown(const Certificate& certificate, const std::string& digest) {
  char text[160];
  std::snprintf(text, sizeof text, " status %d objective %a bound %a work %llu", static_cast<int>(certificate.status),
                certificate.objective.value_or(-1), certificate.bound.value_or(-1),
                static_cast<unsigned long long>(certificate.work));
  return digest + text;
}

template <class Instance>
SolveCase make_case(const std::string& name, std::shared_ptr<const Instance> instance, const std::string& method,
                    std::uint64_t work, int threads = 1) {
  SolveCase made;
  made.name = name + ", " + method + (threads > 1 ? ", " + std::to_string(threads) + " threads" : "");
  made.uses_backend = method.starts_with("milp");
  made.may_leak = made.uses_backend || std::is_same_v<Instance, AssignmentInstance>;
  made.run = [instance = std::move(instance), method, work, threads] {
    SolveOptions options;
    options.method = method;
    options.work_limit = work;
    options.threads = threads;
    try {
      const auto solution = solve(*instance, options);
      return shown(solution.certificate, digest(solution.plan));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unsupported) throw;
      return std::string("refused: ") + error.what();
    }
  };
  return made;
}

// Codes back into exceptions, which is what the tests look at.
void expect_code(std::int32_t code, const plimsoll_error& error) {
  if (code == PLIMSOLL_MEMORY) throw std::bad_alloc();
  if (code != PLIMSOLL_OK) throw Error(ErrorCode::internal, error.message);
}

// From an array to a plan that was checked, with a stop token, through the C interface.
SolveCase c_case() {
  SolveCase made;
  made.name = "eight experts in C";
  made.run = [] {
    plimsoll_error error;
    const plimsoll_experts experts = test::eight_experts();
    const test::Instance instance(plimsoll_instance_from_experts(&experts, &error));
    expect_code(error.code, error);
    const test::Stop stop(plimsoll_stop_make(&error));
    expect_code(error.code, error);
    plimsoll_options options = test::options();
    options.work_limit = 200'000;
    options.stop = stop.get();
    const test::Plan plan(plimsoll_solve(instance.get(), &options, &error));
    expect_code(error.code, error);
    std::int64_t violations = -1;
    expect_code(plimsoll_check(instance.get(), plan.get(), &violations, nullptr, 0, &error), error);
    char digest[PLIMSOLL_DIGEST_BYTES];
    expect_code(plimsoll_plan_digest(plan.get(), digest, &error), error);
    return std::string(digest) + " violations " + std::to_string(violations);
  };
  return made;
}

// Loads of 3 layers with 16 experts, the heavy ones elsewhere each time.
Matrix<double> drifting_load(int time) {
  Matrix<double> load(3, 16);
  for (std::size_t layer = 0; layer < 3; ++layer) {
    for (std::size_t expert = 0; expert < 16; ++expert) {
      const auto place = (expert + layer + static_cast<std::size_t>(time)) % 16;
      load.at(layer, expert) = 1000.0 / (1.0 + static_cast<double>(place * place));
    }
  }
  return load;
}

SolveCase rebalance_case(const std::string& name, RebalanceMode mode, int threads) {
  SolveCase made;
  made.name = "rebalance, " + name;
  made.run = [mode, threads] {
    RebalanceRequest request;
    request.load = drifting_load(0);
    request.slots = 24;
    request.devices = 4;
    request.nodes = 2;
    request.groups = 4;
    RebalanceOptions options;
    options.mode = mode;
    options.threads = threads;
    options.work_limit = 200'000;
    const Rebalanced result = rebalance(request, options);
    return shown(result.certificate, digest(result.plan));
  };
  return made;
}

SolveCase balancer_case() {
  SolveCase made;
  made.name = "a balancer";
  made.run = [] {
    ExpertInstance instance;
    instance.model.layers = 3;
    instance.model.experts = 16;
    instance.cluster.devices_per_node = 4;
    instance.cluster.slots.assign(4, 6);
    instance.cluster.speed.assign(4, 1.0);
    instance.dispatch = Dispatch::even;
    Balancer balancer(instance);
    std::string story;
    for (int time = 0; time < 4; ++time) {
      balancer.observe(drifting_load(time));
      if (time == 2) balancer.device_died(1);
      const Delta delta = balancer.plan();
      balancer.commit(delta);
      story += shown(delta.certificate, digest(delta.plan)) + "; ";
    }
    return story + std::to_string(Balancer::from_state(balancer.state()).plan().moves.size());
  };
  return made;
}

std::string shipped(const std::string& name) { return std::string(PLIMSOLL_SOURCE_DIR) + "/instances/" + name; }

}  // namespace

std::vector<SolveCase> solve_cases() {
  std::vector<SolveCase> cases;
  const auto experts = [](const std::string& name) {
    return std::make_shared<const ExpertInstance>(read_experts(shipped("experts/" + name)));
  };
  const auto eight = experts("eight-experts-even.json");
  const auto twelve = experts("twelve-experts-groups-even.json");
  const auto weighted = experts("twelve-experts-weighted.json");
  for (const char* method : {"eplb", "lpt", "local", "branch", "auto"}) {
    cases.push_back(make_case("eight experts", eight, method, 200'000));
    cases.push_back(make_case("twelve experts in groups", twelve, method, 200'000));
  }
  for (const char* method : {"wrap", "local", "auto"}) {
    cases.push_back(make_case("twelve experts, weighted", weighted, method, 200'000));
  }
  cases.push_back(make_case("twelve experts, weighted", weighted, "auto", 200'000, 4));
  cases.push_back(rebalance_case("best", RebalanceMode::best, 1));
  cases.push_back(rebalance_case("best, 4 threads", RebalanceMode::best, 4));
  cases.push_back(rebalance_case("compatible", RebalanceMode::compatible, 1));
  cases.push_back(balancer_case());
  const auto assignment = [](const std::string& name) {
    return std::make_shared<const AssignmentInstance>(read_assignment(shipped("assignment/" + name)));
  };
  cases.push_back(make_case("gap c", assignment("gap-c-5-60.json"), "auto", 3'000'000));
  cases.push_back(make_case("gap c", assignment("gap-c-5-60.json"), "columns", 3'000'000));
  cases.push_back(make_case("constrained", assignment("constrained-8-60.json"), "auto", 3'000'000, 2));
  cases.push_back(make_case("unrelated", assignment("unrelated-10-100.json"), "auto", 3'000'000));
  cases.push_back(make_case("identical", assignment("identical-25-100.json"), "auto", 3'000'000));
  const auto step = std::make_shared<const StepInstance>(
      read_step(std::string(PLIMSOLL_SOURCE_DIR) + "/tests/golden/experts/valid/step_transient.json"));
  for (const char* method : {"foresight", "robust", "static", "auto"}) {
    cases.push_back(make_case("a step", step, method, 1'000'000));
  }
  cases.push_back(c_case());
  // Methods that refuse the instance are a case, too: the refusal is an answer.
  cases.push_back(make_case("twelve experts, weighted, nothing stands", weighted, "shares", 200'000));
  for (const auto backend : solvers::mip::backends()) {
    const std::string method = "milp-" + solvers::mip::name(backend);
    cases.push_back(make_case("eight experts", eight, method, 1'000'000));
    cases.push_back(make_case("gap c", assignment("gap-c-5-60.json"), method, 1'000'000));
  }
  return cases;
}

}  // namespace plimsoll::testing
