// The projections of the 10B shape, with the weights of several layers in turn, so that they come from memory.
#include <algorithm>
#include <utility>

#include "bench/attention/world.hpp"
#include "executor/attention/projection.hpp"

namespace plimsoll::bench {

using namespace executor;

void projections(Bench& bench) {
  constexpr int layers = 8;
  for (const auto& [outputs, inputs] : {std::pair{5760, 2048}, std::pair{2048, 4096}}) {
    std::vector<Projection> all;
    for (int layer = 0; layer < layers; ++layer) {
      all.push_back(Projection::random(outputs, inputs, NumberType::bf16, bench.isa, static_cast<std::uint64_t>(layer),
                                       bench.team));
    }
    for (const int rows : {1, 16, 64, 512}) {
      std::vector<float> from(static_cast<std::size_t>(rows) * static_cast<std::size_t>(inputs));
      std::vector<float> to(static_cast<std::size_t>(rows) * static_cast<std::size_t>(outputs));
      Numbers numbers(5);
      numbers.fill(from);
      std::size_t turn = 0;
      const double seconds = bench.best(
          [&] { ++turn; },
          [&] { all[turn % layers].run(rows, from.data(), to.data(), bench.workspace.layer.projection, bench.team); });
      const double weights = static_cast<double>(outputs) * inputs;
      const double bound = bench.bound(2 * weights, 2 * weights * rows);
      bench.table.add({"projection " + std::to_string(inputs) + " to " + std::to_string(outputs) + ", " +
                           std::to_string(rows) + " rows",
                       "", time_of(seconds), time_of(bound), shown("%.0f %% of its bound", 100 * bound / seconds)});
    }
  }
}

}  // namespace plimsoll::bench
