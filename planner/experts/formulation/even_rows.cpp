// Even dispatch: the number n of an expert's replicas decides how long each takes, so that the choice of n is a
// variable of its own and every replica exists once for each n:
//   z[e,n] = 1: e has n replicas        sum_n z[e,n] = 1
//   y[e,n,d]: its replicas on d         sum_d y[e,n,d] = n z[e,n],  y[e,n,d] <= most z[e,n]
//   device time: sum c(L_e / n) y[e,n,d]
// Whole tokens that do not part evenly: the first slots in order get one more. Where that costs more there are large
// and small replicas, and h[e,d] = 1 says that no large one stands behind d; small ones stand only where h[e,d] = 1.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "planner/experts/formulation/layer_rows.hpp"

namespace plimsoll::experts {
namespace {

using solvers::mip::Entry;
using solvers::mip::infinity;

// Replicas of one size.
struct Piece {
  double seconds = 0;         // at speed 1
  int copies = 0;             // so many of them
  std::vector<int> variable;  // [devices], -1: none there
};

struct Choice {
  int replicas = 0;
  int chosen = -1;            // z; -1 where it is the only choice
  std::vector<Piece> pieces;  // one, or the large and the small
  [[nodiscard]] double work() const {
    double sum = 0;
    for (const Piece& piece : pieces) sum += piece.copies * piece.seconds;
    return sum;
  }
};

struct Expert {
  std::vector<Choice> choices;
  // Every replica takes the same whatever their number is: they are only counted.
  bool constant = false;
  int fewest = 1;
  int most = 1;
  double least_work = 0;
  std::vector<int> closed;  // [devices] h; empty where there is one size
};

class EvenRows : public LayerRows {
 public:
  explicit EvenRows(LayerFrame frame) : LayerRows(std::move(frame)) {
    list_choices();
    for (int expert = 0; expert < frame_.prepared.experts; ++expert) add_expert(expert);
    add_cliques();
    close_devices(false);
  }

  [[nodiscard]] int fewest(int expert) const override { return of(expert).fewest; }
  [[nodiscard]] double least_work(int expert) const override { return of(expert).least_work; }
  [[nodiscard]] bool ordered() const override {
    return std::any_of(experts_.begin(), experts_.end(), [](const Expert& expert) { return !expert.closed.empty(); });
  }

  bool encode(const LayerPlan& plan, std::vector<double>& point) const override {
    std::vector<std::vector<int>> places(experts_.size());  // devices, ascending
    for (const Replica& replica : plan.replicas)
      places[static_cast<std::size_t>(replica.expert)].push_back(replica.device);
    for (std::size_t e = 0; e < experts_.size(); ++e) {
      std::sort(places[e].begin(), places[e].end());
      if (!encode(experts_[e], static_cast<int>(e), places[e], point)) return false;
    }
    return true;
  }

  [[nodiscard]] LayerPlan decode(std::span<const double> point) const override {
    LayerPlan plan;
    for (int expert = 0; expert < frame_.prepared.experts; ++expert) {
      for (int device = 0; device < frame_.prepared.devices; ++device) {
        double replicas = 0;
        for (const int variable : count(expert, device)) replicas += point[static_cast<std::size_t>(variable)];
        for (auto left = std::lround(replicas); left > 0; --left) plan.replicas.push_back({expert, device, 0.0});
      }
    }
    plan.feasible = true;
    return plan;
  }

 private:
  [[nodiscard]] const Expert& of(int expert) const { return experts_[static_cast<std::size_t>(expert)]; }
  [[nodiscard]] int most_on(int device) const {
    return frame_.prepared.instance.cluster.duplicates ? slots(device) : std::min(1, slots(device));
  }

  [[nodiscard]] Choice choice(double load, int replicas) const {
    const CostCurve& curve = frame_.prepared.curve;
    Choice made;
    made.replicas = replicas;
    if (!frame_.prepared.whole_tokens) {
      made.pieces.push_back({curve.seconds(load / replicas), replicas, {}});
      return made;
    }
    const double small = std::floor(load / replicas);
    const int larger = static_cast<int>(load - small * replicas);
    if (larger == 0 || curve.seconds(small) == curve.seconds(small + 1)) {
      made.pieces.push_back({curve.seconds(std::ceil(load / replicas)), replicas, {}});
    } else {
      made.pieces.push_back({curve.seconds(small + 1), larger, {}});
      made.pieces.push_back({curve.seconds(small), replicas - larger, {}});
    }
    return made;
  }

  // The numbers of replicas that a plan ending by `upper` can have: the largest part fits on the fastest device, the
  // others find their slots, and the work fits on all devices together.
  void list_choices() {
    int places = 0;
    double speed = 0;
    for (int device = 0; device < frame_.prepared.devices; ++device) {
      places += most_on(device);
      if (slots(device) > 0) speed += frame_.prepared.speed(device);
    }
    const double longest = largest_budget();
    int taken = 0;
    double work = 0;
    experts_.resize(static_cast<std::size_t>(frame_.prepared.experts));
    for (int expert = 0; expert < frame_.prepared.experts; ++expert) {
      Expert& mine = experts_[static_cast<std::size_t>(expert)];
      mine.most = std::min(places, slots_of_all() - (frame_.prepared.experts - 1));
      mine.least_work = infinity;
      for (int replicas = 1; replicas <= mine.most; ++replicas) {
        Choice made = choice(load(expert), replicas);
        if (made.pieces.front().seconds > longest) continue;
        mine.least_work = std::min(mine.least_work, made.work());
        mine.choices.push_back(std::move(made));
      }
      if (mine.choices.empty()) mine.least_work = 0;
      mine.fewest = mine.choices.empty() ? 1 : mine.choices.front().replicas;
      taken += mine.fewest;
      work += mine.least_work;
    }
    for (Expert& mine : experts_) {
      mine.most = std::min(mine.most, slots_of_all() - (taken - mine.fewest));
      const double room = frame_.upper * speed * (1 + 1e-9) - (work - mine.least_work);
      std::erase_if(mine.choices, [&](const Choice& made) { return made.replicas > mine.most || made.work() > room; });
      if (mine.choices.empty()) continue;
      mine.fewest = mine.choices.front().replicas;
      mine.most = mine.choices.back().replicas;
      mine.least_work = infinity;
      for (const Choice& made : mine.choices) mine.least_work = std::min(mine.least_work, made.work());
      const double first = mine.choices.front().pieces.front().seconds;
      mine.constant = static_cast<std::size_t>(mine.most - mine.fewest) + 1 == mine.choices.size() &&
                      std::all_of(mine.choices.begin(), mine.choices.end(), [&](const Choice& made) {
                        return made.pieces.size() == 1 && made.pieces.front().seconds == first;
                      });
    }
  }

  void add_expert(int expert) {
    Expert& mine = experts_[static_cast<std::size_t>(expert)];
    if (mine.choices.empty()) {
      frame_.model.add_row(1, 1, {}, name("impossible", {expert}));
      return;
    }
    if (mine.constant) {
      Choice only = mine.choices.front();
      add_piece(expert, only.pieces.front(), 0, mine.most, "x");
      std::vector<Entry> entries;
      for (const int variable : only.pieces.front().variable) {
        if (variable >= 0) entries.push_back({variable, 1.0});
      }
      frame_.model.add_row(mine.fewest, mine.most, entries, name("count", {expert}));
      mine.choices = {only};
      return;
    }
    std::vector<Entry> one;
    for (Choice& made : mine.choices) {
      if (mine.choices.size() > 1) {
        made.chosen = frame_.model.add_variable(0, 1, 0, true, name("z", {expert, made.replicas}));
        one.push_back({made.chosen, 1.0});
      }
      const std::array<const char*, 2> kinds{"y", "small"};
      for (std::size_t k = 0; k < made.pieces.size(); ++k) {
        add_piece(expert, made.pieces[k], made.replicas, made.pieces[k].copies, kinds[k]);
        tie(expert, made, made.pieces[k]);
      }
      if (made.pieces.size() > 1) tie_sizes(expert, made);
    }
    if (!one.empty()) frame_.model.add_row(1, 1, one, name("choice", {expert}));
    add_order(expert, mine);
  }

  void add_piece(int expert, Piece& piece, int replicas, int copies, const char* kind) {
    for (int device = 0; device < frame_.prepared.devices; ++device) {
      const int most = std::min(most_on(device), copies);
      if (most == 0 || piece.seconds > budget(device)) {
        piece.variable.push_back(-1);
        continue;
      }
      const std::string label = replicas == 0 ? name(kind, {expert, device}) : name(kind, {expert, replicas, device});
      piece.variable.push_back(frame_.model.add_variable(0, most, 0, true, label));
      may_stand(expert, device, piece.variable.back(), most_on(device));
      charge(device, piece.variable.back(), piece.seconds);
    }
  }

  // All copies stand somewhere if the choice is made, none else.
  void tie(int expert, const Choice& made, const Piece& piece) {
    std::vector<Entry> all;
    for (std::size_t device = 0; device < piece.variable.size(); ++device) {
      const int variable = piece.variable[device];
      if (variable < 0) continue;
      all.push_back({variable, 1.0});
      if (made.chosen < 0) continue;
      const double most = frame_.model.variable(variable).upper;
      frame_.model.add_row(-infinity, 0, std::array<Entry, 2>{{{variable, 1.0}, {made.chosen, -most}}});
    }
    if (made.chosen >= 0) all.push_back({made.chosen, -static_cast<double>(piece.copies)});
    const double sum = made.chosen >= 0 ? 0 : piece.copies;
    frame_.model.add_row(sum, sum, all, name("parts", {expert, made.replicas, piece.copies}));
  }

  // Large and small ones of a choice share a device's room for one expert.
  void tie_sizes(int expert, const Choice& made) {
    for (int device = 0; device < frame_.prepared.devices; ++device) {
      const auto d = static_cast<std::size_t>(device);
      const int large = made.pieces[0].variable[d];
      const int small = made.pieces[1].variable[d];
      if (large < 0 || small < 0) continue;
      std::vector<Entry> both{{large, 1.0}, {small, 1.0}};
      const double most = most_on(device);
      if (made.chosen >= 0) both.push_back({made.chosen, -most});
      frame_.model.add_row(-infinity, made.chosen >= 0 ? 0 : most, both, name("room", {expert, made.replicas, device}));
    }
  }

  void add_order(int expert, Expert& mine) {
    const bool sizes = std::any_of(mine.choices.begin(), mine.choices.end(),
                                   [](const Choice& made) { return made.pieces.size() > 1; });
    if (!sizes) return;
    for (int device = 0; device < frame_.prepared.devices; ++device) {
      if (slots(device) == 0) {
        mine.closed.push_back(-1);
        continue;
      }
      const int closed = frame_.model.add_variable(0, 1, 0, true, name("h", {expert, device}));
      mine.closed.push_back(closed);
      std::vector<Entry> small{{closed, -static_cast<double>(most_on(device))}};
      std::vector<Entry> behind;
      int largest = 0;
      for (const Choice& made : mine.choices) {
        if (made.pieces.size() == 1) continue;
        largest = std::max(largest, made.pieces[0].copies);
        if (const int here = made.pieces[1].variable[static_cast<std::size_t>(device)]; here >= 0) {
          small.push_back({here, 1.0});
        }
        for (int later = device + 1; later < frame_.prepared.devices; ++later) {
          const int large = made.pieces[0].variable[static_cast<std::size_t>(later)];
          if (large >= 0) behind.push_back({large, 1.0});
        }
      }
      frame_.model.add_row(-infinity, 0, small, name("after", {expert, device}));
      behind.push_back({closed, static_cast<double>(largest)});
      frame_.model.add_row(-infinity, largest, behind, name("before", {expert, device}));
    }
  }

  // At most k - 1 replicas that take more than a k-th of a device's time stand on it.
  void add_cliques() {
    if (std::isinf(frame_.upper)) return;
    for (int device = 0; device < frame_.prepared.devices; ++device) {
      for (int k = 2; k <= slots(device); ++k) {
        std::vector<Entry> large;
        for (const Expert& mine : experts_) {
          for (const Choice& made : mine.choices) {
            for (const Piece& piece : made.pieces) {
              const int variable = piece.variable[static_cast<std::size_t>(device)];
              if (variable >= 0 && piece.seconds * k > budget(device)) large.push_back({variable, 1.0});
            }
          }
        }
        if (static_cast<int>(large.size()) < k) continue;
        frame_.model.add_row(-infinity, k - 1, large, name("large", {device, k}));
      }
    }
  }

  bool encode(const Expert& mine, int expert, const std::vector<int>& places, std::vector<double>& point) const {
    const auto put = [&](const Piece& piece, int device) {
      const int variable = piece.variable[static_cast<std::size_t>(device)];
      if (variable < 0) return false;
      point[static_cast<std::size_t>(variable)] += 1;
      return true;
    };
    if (mine.choices.empty() || expert < 0) return false;
    const int replicas = static_cast<int>(places.size());
    if (mine.constant) {
      return replicas >= mine.fewest && replicas <= mine.most &&
             std::all_of(places.begin(), places.end(),
                         [&](int device) { return put(mine.choices.front().pieces.front(), device); });
    }
    const auto made = std::find_if(mine.choices.begin(), mine.choices.end(),
                                   [&](const Choice& choice) { return choice.replicas == replicas; });
    if (made == mine.choices.end()) return false;
    if (made->chosen >= 0) point[static_cast<std::size_t>(made->chosen)] = 1;
    int last_large = -1;
    for (int rank = 0; rank < replicas; ++rank) {
      const int device = places[static_cast<std::size_t>(rank)];
      const bool large = rank < made->pieces.front().copies;
      if (large && made->pieces.size() > 1) last_large = device;
      if (!put(large ? made->pieces.front() : made->pieces.back(), device)) return false;
    }
    for (std::size_t device = 0; device < mine.closed.size(); ++device) {
      if (mine.closed[device] < 0) continue;
      point[static_cast<std::size_t>(mine.closed[device])] = static_cast<int>(device) >= last_large ? 1 : 0;
    }
    return true;
  }

  std::vector<Expert> experts_;
};

}  // namespace

std::unique_ptr<LayerRows> even_rows(LayerFrame frame) { return std::make_unique<EvenRows>(std::move(frame)); }

}  // namespace plimsoll::experts
