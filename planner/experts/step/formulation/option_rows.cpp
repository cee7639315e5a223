// Small layers as a choice among what was enumerated (exact/layer_options.hpp): a variable for each way to fill the
// base columns, and for each micro-step one for each set of transient replicas that it may need with it. The relaxation
// then mixes contents instead of replicas, which is far closer to the truth. Replicas stay the whole variables; where
// they are whole, the choices can be.
#include "planner/experts/step/formulation/formulation.hpp"

namespace plimsoll::experts::step {

using solvers::mip::infinity;

//   sum_B p[B] = 1            x[e,d] = sum of p[B] with e in B_d  +  w[e,d]
//   sum_o q[B,m,o] = p[B]     sum of q[B,m,o] with (e,d) in o  <=  y[m,e,d] + w[e,d]     T[m] >= sum_o T_o q[B,m,o]
// where w[e,d] = 1 says that a transient column holds e for the whole step.
void Formulation::add_options(int layer, const std::vector<BaseOption>& options) {
  const auto place = [&](int expert, int device) {
    return static_cast<std::size_t>(expert) * static_cast<std::size_t>(prepared_.devices) +
           static_cast<std::size_t>(device);
  };
  const auto places = static_cast<std::size_t>(prepared_.experts) * static_cast<std::size_t>(prepared_.devices);
  const auto microsteps = static_cast<std::size_t>(prepared_.microsteps);
  std::vector<Sum> stands(places);
  std::vector<std::vector<Sum>> needed(microsteps, std::vector<Sum>(places));
  std::vector<Sum> time(microsteps);
  Sum one;
  for (std::size_t b = 0; b < options.size(); ++b) {
    const int chosen = model_.add_variable(0, 1, 0, false, label("p", {layer, static_cast<int>(b)}));
    one.add(chosen, 1.0);
    for (int d = 0; d < prepared_.devices; ++d) {
      for (int e = 0; e < prepared_.experts; ++e) {
        if ((options[b].held[static_cast<std::size_t>(d)] >> e & 1) != 0) stands[place(e, d)].add(chosen, 1.0);
      }
    }
    for (std::size_t m = 0; m < microsteps; ++m) {
      Sum any;
      for (const Option& option : options[b].microsteps[m]) {
        const int variable = model_.add_variable(0, 1, 0, false);
        any.add(variable, 1.0);
        time[m].add(variable, option.seconds / frame_.unit);
        for (int d = 0; d < prepared_.devices; ++d) {
          for (int e = 0; e < prepared_.experts; ++e) {
            if ((option.needed[static_cast<std::size_t>(d)] >> e & 1) != 0) needed[m][place(e, d)].add(variable, 1.0);
          }
        }
      }
      any.add(chosen, -1.0).require(model_, 0, 0);
    }
  }
  one.require(model_, 1, 1, label("filling", {layer}));
  for (std::size_t m = 0; m < microsteps; ++m) {
    const int variable = frame_.time[static_cast<std::size_t>(frame_.flat(static_cast<int>(m), layer))];
    time[m].add(variable, -1.0).require(model_, -infinity, 0);
  }
  for (int d = 0; d < prepared_.devices; ++d) {
    Sum served;
    for (int e = 0; e < prepared_.experts; ++e) {
      const int base = frame_.base[frame_.at(layer, e, d)];
      if (base < 0) continue;
      int serves = -1;
      if (prepared_.transient > 0) serves = model_.add_variable(0, 1, 0, true, label("w", {layer, e, d}));
      served.add(serves, 1.0);
      stands[place(e, d)].add(serves, 1.0).add(base, -1.0).require(model_, 0, 0);
      for (std::size_t m = 0; m < microsteps; ++m) {
        if (needed[m][place(e, d)].empty()) continue;
        needed[m][place(e, d)]
            .add(frame_.transient[frame_.at(static_cast<int>(m), layer, e, d)], -1.0)
            .add(serves, -1.0)
            .require(model_, -infinity, 0);
      }
    }
    if (served.empty()) continue;
    const int counted = frame_.serving[static_cast<std::size_t>(layer * prepared_.devices + d)];
    if (counted >= 0) Sum(served).add(counted, -1.0).require(model_, -infinity, 0);
    served.require(model_, -infinity, prepared_.transient);
  }
}

}  // namespace plimsoll::experts::step
