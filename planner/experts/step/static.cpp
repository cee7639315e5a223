// Nothing comes and nothing goes: the given placement, or experts in order round the slots where there is none, stands
// for the whole step with even shares. Transient slots are base slots like the others; empty ones are filled evenly.
#include <algorithm>
#include <tuple>
#include <vector>

#include "planner/experts/step/method.hpp"
#include "planner/experts/step/search/baseline.hpp"

namespace plimsoll::experts::step {
namespace {

class Filling {
 public:
  explicit Filling(const Prepared& prepared) : prepared_(prepared), source_(prepared.instance.experts) {}

  // The placement as it stands; dead devices lose theirs.
  [[nodiscard]] Matrix<int> standing() const {
    Matrix<int> base(static_cast<std::size_t>(prepared_.layers), static_cast<std::size_t>(prepared_.total_columns()),
                     -1);
    if (!source_.placement) return base;
    for (std::size_t layer = 0; layer < base.rows(); ++layer) {
      std::size_t slot = 0;
      for (std::size_t device = 0; device < source_.cluster.slots.size(); ++device) {
        for (int k = 0; k < source_.cluster.slots[device]; ++k, ++slot) {
          if (!prepared_.columns.alive[device]) continue;
          const auto column = static_cast<std::size_t>(prepared_.columns.first_slot[device] + k);
          base.at(layer, column) = source_.placement->at(layer, slot);
        }
      }
    }
    return base;
  }

  // Every empty slot of a live device, in order, gets the expert with the fewest replicas that may stand there.
  void fill(const std::vector<int>& extra, std::size_t layer, Matrix<int>& base) const {
    const auto row = base.row(layer);
    std::vector<int> count(static_cast<std::size_t>(prepared_.experts), 0);
    std::vector<int> home(static_cast<std::size_t>(source_.model.groups), -1);
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (row[column] < 0) continue;
      ++count[static_cast<std::size_t>(row[column])];
      home[group(row[column])] = prepared_.columns.node[device_of(column)];
    }
    for (std::size_t group = 0; group < home.size(); ++group) {
      if (home[group] < 0) home[group] = static_cast<int>(group) * prepared_.columns.nodes / source_.model.groups;
    }
    for (std::size_t device = 0; device < prepared_.columns.alive.size(); ++device) {
      if (!prepared_.columns.alive[device]) continue;
      const auto slots = static_cast<std::size_t>(source_.cluster.slots[device]);
      const auto own = row.subspan(static_cast<std::size_t>(prepared_.columns.first_slot[device]),
                                   slots + static_cast<std::size_t>(prepared_.transient));
      const auto put = [&](std::size_t place) {
        if (own[place] >= 0) return;
        own[place] = choose(own, prepared_.columns.node[device], count, home);
        if (own[place] >= 0) ++count[static_cast<std::size_t>(own[place])];
      };
      for (std::size_t place = 0; place < slots; ++place) put(place);
      for (const int position : extra) put(slots + static_cast<std::size_t>(position));
    }
  }

 private:
  [[nodiscard]] std::size_t group(int expert) const {
    return static_cast<std::size_t>(prepared_.columns.group[static_cast<std::size_t>(expert)]);
  }
  [[nodiscard]] std::size_t device_of(std::size_t column) const {
    return static_cast<std::size_t>(prepared_.columns.device_of_slot(static_cast<int>(column)));
  }

  [[nodiscard]] int choose(std::span<const int> own, int node, const std::vector<int>& count,
                           const std::vector<int>& home) const {
    int best = -1;
    std::tuple<bool, int> best_key;
    for (int expert = 0; expert < prepared_.experts; ++expert) {
      const bool twice = std::find(own.begin(), own.end(), expert) != own.end();
      if (twice && !source_.cluster.duplicates) continue;
      if (source_.keep_groups_on_a_node && home[group(expert)] != node) continue;
      // An expert that has no replica yet comes first; a second one on the same device is no use.
      const int replicas = count[static_cast<std::size_t>(expert)];
      const std::tuple key{twice, replicas};
      if (best >= 0 && key >= best_key) continue;
      best = expert;
      best_key = key;
    }
    return best;
  }

  const Prepared& prepared_;
  const ExpertInstance& source_;
};

}  // namespace

void run_static(const Prepared& prepared, Context& context) {
  const Filling filling(prepared);
  const Matrix<int> standing = filling.standing();
  Matrix<int> filled = standing;
  const ExtraColumns extra = extra_columns(prepared);
  for (std::size_t layer = 0; layer < filled.rows(); ++layer) filling.fill(extra[layer], layer, filled);
  context.meter().add_work(filled.data().size() * static_cast<std::size_t>(prepared.experts));
  if (prepared.instance.experts.placement) {
    // Filling the other slots counts as moves; without it nothing moves at all.
    context.offer(even_plan(prepared, standing));
    context.offer(even_plan(prepared, filled));
    if (context.objective()) return;
  }
  offer_or_refuse(context, even_plan(prepared, std::move(filled)), "static");
}

}  // namespace plimsoll::experts::step
