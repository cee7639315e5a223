// Solves an instance of `experts` and prints the plan: placement INSTANCE
#include <cstdio>
#include <plimsoll/solve.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    const plimsoll::ExpertInstance instance = plimsoll::read_experts(argv[1]);

    plimsoll::SolveOptions options;
    options.work_limit = 50'000'000;    // the same plan on every machine
    options.time_limit_seconds = 10.0;  // a guard
    const plimsoll::ExpertSolution solution = plimsoll::solve(instance, options);

    const plimsoll::Certificate& certificate = solution.certificate;
    if (!certificate.objective) {
      std::fprintf(stderr, "no plan: %s\n", certificate.reason.c_str());
      return 1;
    }
    std::printf("objective %g, no plan is below %g\n", *certificate.objective, certificate.bound.value_or(0));
    for (int layer = 0; layer < instance.model.layers; ++layer) {
      for (const int expert : solution.plan.slots.row(static_cast<std::size_t>(layer))) std::printf("%d ", expert);
      std::printf("\n");
    }
    return 0;
  } catch (const plimsoll::Error& error) {
    std::fprintf(stderr, "%s %s %s\n", error.pointer().c_str(), error.what(), error.advice().c_str());
    return 2;
  }
}
