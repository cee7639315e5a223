// A solve that runs beside the program, is watched, and is stopped when its answer is needed: watched INSTANCE
#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <plimsoll/digest.hpp>
#include <plimsoll/solve.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    const plimsoll::ExpertInstance instance = plimsoll::read_experts(argv[1]);

    std::atomic<bool> stop{false};
    std::atomic<double> gap{1.0};
    plimsoll::SolveOptions options;
    options.stop = &stop;
    options.progress = [&gap](const plimsoll::Progress& progress) {
      if (!progress.objective || !progress.bound) return;
      gap = (*progress.objective - *progress.bound) / *progress.objective;
    };
    auto solving = std::async(std::launch::async, [&] { return plimsoll::solve(instance, options); });

    if (solving.wait_for(std::chrono::seconds(5)) == std::future_status::timeout) {
      std::fprintf(stderr, "stopping at a gap of %g\n", gap.load());
      stop = true;
    }
    const plimsoll::ExpertSolution solution = solving.get();

    if (!solution.certificate.objective) return 1;
    std::printf("objective %g, no plan is below %g\n", *solution.certificate.objective,
                solution.certificate.bound.value_or(0));
    std::printf("plan %s\n", plimsoll::digest(solution.plan).c_str());
    for (const int expert : solution.plan.slots.row(0)) std::printf("%d ", expert);
    std::printf("\n");
    return 0;
  } catch (const plimsoll::Error& error) {
    std::fprintf(stderr, "%s %s\n", error.pointer().c_str(), error.what());
    return 2;
  }
}
