// Mutations of a plan's transfers.
#pragma once

#include <array>
#include <limits>
#include <utility>

#include "planner/experts/step/windows.hpp"
#include "tests/planner/experts/step/mutation.hpp"

namespace plimsoll::testing {

inline constexpr std::array transfer_mutations = {
    Mutation{
        "start earlier, same end", Breaks::sometimes,
        [](Bench& b) { return with(b.any_of_all(), [&](Transfer& t) { t.start_seconds *= b.random.uniform(); }); }},
    Mutation{"all of it earlier", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any_of_all(), [&](Transfer& t) { move_to(t, t.start_seconds * b.random.uniform()); });
             }},
    Mutation{"all of it later", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any_of_all(), [&](Transfer& t) {
                 move_to(t, t.start_seconds + b.random.uniform() * b.whole.metrics.step_seconds);
               });
             }},
    Mutation{"before the step begins", Breaks::always,
             [](Bench& b) { return with(b.any_of_all(), [](Transfer& t) { move_to(t, -0.5); }); }},
    Mutation{"shorter", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any_of_all(), [](Transfer& t) {
                 t.end_seconds = t.start_seconds + 0.4 * (t.end_seconds - t.start_seconds);
               });
             }},
    Mutation{"backwards in time", Breaks::always,
             [](Bench& b) { return with(b.any_of_all(), [](Transfer& t) { t.end_seconds = t.start_seconds - 0.5; }); }},
    Mutation{"at the time of another", Breaks::sometimes,
             [](Bench& b) {
               const Transfer* other = b.any_of_all();
               return with(b.any_of_all(), [&](Transfer& t) { move_to(t, other->start_seconds); });
             }},
    Mutation{"start of a window", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any_of_all(), [&](Transfer& t) {
                 move_to(t, b.whole.window_start[b.below(b.whole.window_start.size())]);
               });
             }},
    Mutation{"end of a window", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any_of_all(), [&](Transfer& t) {
                 const std::size_t window = b.below(b.whole.window_start.size());
                 move_to(t, b.whole.window_start[window] + b.whole.window_seconds[window] -
                                (t.end_seconds - t.start_seconds));
               });
             }},
    Mutation{"times that are no numbers", Breaks::always,
             [](Bench& b) {
               const std::array values = {nan, infinite, -infinite};
               return with(b.any_of_all(), [&](Transfer& t) {
                 (b.below(2) == 0 ? t.start_seconds : t.end_seconds) = values[b.below(values.size())];
               });
             }},
    Mutation{"missing", Breaks::always,
             [](Bench& b) {
               if (b.plan.transfers.empty()) return false;
               b.plan.transfers.erase(b.plan.transfers.begin() +
                                      static_cast<std::ptrdiff_t>(b.below(b.plan.transfers.size())));
               return true;
             }},
    Mutation{"all missing", Breaks::always,
             [](Bench& b) {
               const bool any = !b.plan.transfers.empty();
               b.plan.transfers.clear();
               return any;
             }},
    Mutation{"doubled", Breaks::always,
             [](Bench& b) {
               if (b.plan.transfers.empty()) return false;
               b.plan.transfers.push_back(*b.any_of_all());
               return true;
             }},
    Mutation{"doubled at another time", Breaks::always,
             [](Bench& b) {
               if (b.plan.transfers.empty()) return false;
               b.plan.transfers.push_back(*b.any_of_all());
               move_to(b.plan.transfers.back(), b.whole.metrics.step_seconds);
               return true;
             }},
    Mutation{"another expert", Breaks::always,
             [](Bench& b) {
               return b.experts() > 1 &&
                      with(b.any_of_all(), [&](Transfer& t) { t.expert = b.other(b.experts(), t.expert); });
             }},
    Mutation{"another layer", Breaks::always,
             [](Bench& b) {
               const int layers = b.step.experts.model.layers;
               return layers > 1 && with(b.any_of_all(), [&](Transfer& t) { t.layer = b.other(layers, t.layer); });
             }},
    Mutation{"another micro-step", Breaks::always,
             [](Bench& b) {
               return b.step.microsteps() > 1 && with(b.any_of_all(), [&](Transfer& t) {
                        t.microstep = b.other(b.step.microsteps(), t.microstep);
                      });
             }},
    Mutation{"to another device", Breaks::always,
             [](Bench& b) {
               return b.devices() > 1 && with(b.any_of_all(), [&](Transfer& t) { t.to = b.other(b.devices(), t.to); });
             }},
    Mutation{"from another device", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any(), [&](Transfer& t) {
                 t.from = t.from_host ? static_cast<int>(b.below(static_cast<std::size_t>(b.devices())))
                                      : b.other(b.devices(), t.from);
                 t.from_host = false;
               });
             }},
    Mutation{"from its own target", Breaks::always,
             [](Bench& b) { return with(b.any_of_all(), [](Transfer& t) { t.from_host = false, t.from = t.to; }); }},
    Mutation{"from the host", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any(), [&](Transfer& t) {
                 t.from_host = true, t.from = t.to / b.step.experts.cluster.devices_per_node;
               });
             }},
    Mutation{"from the host of another node", Breaks::always,
             [](Bench& b) {
               const auto& cluster = b.step.experts.cluster;
               return with(b.any(), [&](Transfer& t) {
                 t.from_host = true;
                 t.from = cluster.nodes == 1 ? 1 : b.other(cluster.nodes, t.to / cluster.devices_per_node);
               });
             }},
    Mutation{"to a dead device", Breaks::always,
             [](Bench& b) {
               const auto& dead = b.step.experts.cluster.dead;
               return !dead.empty() && with(b.any_of_all(), [&](Transfer& t) { t.to = dead.front(); });
             }},
    Mutation{"from a dead device", Breaks::always,
             [](Bench& b) {
               const auto& dead = b.step.experts.cluster.dead;
               return !dead.empty() &&
                      with(b.any_of_all(), [&](Transfer& t) { t.from_host = false, t.from = dead.front(); });
             }},
    Mutation{"places that do not exist", Breaks::always,
             [](Bench& b) {
               const std::array values = {-1, 1000, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()};
               return with(b.any_of_all(), [&](Transfer& t) {
                 const std::array fields = {&t.microstep, &t.layer, &t.expert, &t.from, &t.to};
                 *fields[b.below(fields.size())] = values[b.below(values.size())];
               });
             }},
    Mutation{"the other kind", Breaks::always,
             [](Bench& b) {
               return with(b.any_of_all(), [](Transfer& t) {
                 t.kind = t.kind == TransferKind::weights ? TransferKind::gradient : TransferKind::weights;
               });
             }},
    Mutation{"gradient missing", Breaks::always,
             [](Bench& b) {
               Transfer* gradient = b.any(TransferKind::gradient);
               if (gradient == nullptr) return false;
               b.plan.transfers.erase(b.plan.transfers.begin() + (gradient - b.plan.transfers.data()));
               return true;
             }},
    Mutation{"gradient before its backward window is done", Breaks::always,
             [](Bench& b) {
               Transfer* gradient = b.any(TransferKind::gradient);
               const auto windows = experts::step::windows_of(b.step);
               for (std::size_t index = 0; index < windows.size() && gradient != nullptr; ++index) {
                 const bool mine = windows[index].pass == Pass::backward &&
                                   windows[index].microstep == gradient->microstep &&
                                   windows[index].layer == gradient->layer;
                 if (!mine || !(b.whole.window_seconds[index] > 1e-3)) continue;
                 move_to(*gradient, b.whole.window_start[index] + 0.5 * b.whole.window_seconds[index]);
                 return true;
               }
               return false;
             }},
    Mutation{"gradient to another device", Breaks::always,
             [](Bench& b) {
               return b.devices() > 1 &&
                      with(b.any(TransferKind::gradient), [&](Transfer& t) { t.to = b.other(b.devices(), t.to); });
             }},
    Mutation{"in another order", Breaks::rarely,
             [](Bench& b) {
               if (b.plan.transfers.empty()) return false;
               std::swap(*b.any_of_all(), *b.any_of_all());
               return true;
             }},
};

}  // namespace plimsoll::testing
