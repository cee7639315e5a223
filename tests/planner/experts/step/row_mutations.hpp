// Mutations of what a plan holds and of its shares, and of the instance under a plan that stays.
#pragma once

#include <array>
#include <cmath>
#include <utility>

#include "tests/planner/experts/step/mutation.hpp"

namespace plimsoll::testing {

inline constexpr std::array row_mutations = {
    Mutation{"base changed in one micro-step", Breaks::always,
             [](Bench& b) {
               const std::size_t layer = b.layer();
               const std::size_t column = b.column();
               if (b.plan.base.at(layer, column) < 0 || b.experts() < 2) return false;
               b.microstep().slots.at(layer, column) = b.other(b.experts(), b.plan.base.at(layer, column));
               return true;
             }},
    Mutation{"base changed, the micro-steps not", Breaks::always,
             [](Bench& b) {
               int& expert = b.plan.base.at(b.layer(), b.column());
               if (b.experts() < 2) return false;
               expert = expert < 0 ? 0 : b.other(b.experts(), expert);
               return true;
             }},
    Mutation{"a replica more", Breaks::sometimes,
             [](Bench& b) {
               int& expert = b.microstep().slots.at(b.layer(), b.column());
               if (expert >= 0) return false;
               expert = static_cast<int>(b.below(static_cast<std::size_t>(b.experts())));
               return true;
             }},
    Mutation{"a transient replica in base as well", Breaks::sometimes,
             [](Bench& b) {
               const std::size_t layer = b.layer();
               const std::size_t column = b.column();
               const int expert = b.microstep().slots.at(layer, column);
               if (b.plan.base.at(layer, column) == expert) return false;
               b.plan.base.at(layer, column) = expert;
               return true;
             }},
    Mutation{"a share off", Breaks::sometimes,
             [](Bench& b) {
               b.microstep().shares.at(b.layer(), b.column()) += 1e-6;
               return true;
             }},
    Mutation{"a share that is no number", Breaks::always,
             [](Bench& b) {
               b.microstep().shares.at(b.layer(), b.column()) = nan;
               return true;
             }},
    Mutation{"a negative share", Breaks::always,
             [](Bench& b) {
               b.microstep().shares.at(b.layer(), b.column()) = -0.5;
               return true;
             }},
    Mutation{"shares moved from one slot to another", Breaks::sometimes,
             [](Bench& b) {
               Matrix<double>& shares = b.microstep().shares;
               const std::size_t layer = b.layer();
               std::swap(shares.at(layer, b.column()), shares.at(layer, b.column()));
               return true;
             }},
    Mutation{"another token", Breaks::always,
             [](Bench& b) {
               ExpertPlan& microstep = b.microstep();
               if (microstep.tokens.empty()) return false;
               ++microstep.tokens.at(b.layer(), b.column());
               return true;
             }},
    Mutation{"two micro-steps swapped", Breaks::sometimes,
             [](Bench& b) {
               std::swap(b.microstep(), b.microstep());
               return true;
             }},
    Mutation{"a micro-step less", Breaks::always,
             [](Bench& b) {
               b.plan.microsteps.pop_back();
               return true;
             }},
    Mutation{"a layer less", Breaks::always,
             [](Bench& b) {
               b.plan.base = Matrix<int>(b.plan.base.rows() - 1, b.plan.base.columns());
               return true;
             }},
    Mutation{"a column more", Breaks::always,
             [](Bench& b) {
               ExpertPlan& microstep = b.microstep();
               microstep.shares = Matrix<double>(microstep.shares.rows(), microstep.shares.columns() + 1);
               return true;
             }},
    Mutation{"nothing at all", Breaks::always,
             [](Bench& b) {
               b.plan = {};
               return true;
             }},
};

// The instance is another one, and the plan stays.
inline constexpr std::array instance_mutations = {
    Mutation{"a path without a rate", Breaks::sometimes,
             [](Bench& b) {
               auto& link = b.step.experts.cluster.link;
               if (!link) return false;
               const std::array rates = {&link->intra_bytes_per_second, &link->nic_bytes_per_second,
                                         &link->host_bytes_per_second};
               *rates[b.below(rates.size())] = 0;
               return true;
             }},
    Mutation{"slower links", Breaks::sometimes,
             [](Bench& b) {
               auto& link = b.step.experts.cluster.link;
               if (!link) return false;
               link->intra_bytes_per_second /= 2;
               link->nic_bytes_per_second /= 2;
               return true;
             }},
    Mutation{"no links", Breaks::rarely,
             [](Bench& b) {
               b.step.experts.cluster.link.reset();
               return true;
             }},
    Mutation{"one NIC for all", Breaks::rarely,
             [](Bench& b) {
               b.step.experts.cluster.nic_of_device.assign(static_cast<std::size_t>(b.devices()), 0);
               return true;
             }},
    Mutation{"one pool for all layers", Breaks::sometimes,
             [](Bench& b) {
               std::swap(b.step.transient_slots, b.step.transient_pool_slots);
               return true;
             }},
    Mutation{"everything overlaps", Breaks::rarely,
             [](Bench& b) {
               b.step.communication.overlap =
                   b.step.communication.overlap == Overlap::full ? Overlap::none : Overlap::full;
               return true;
             }},
    Mutation{"gradients return, or do not", Breaks::sometimes,
             [](Bench& b) {
               b.step.gradient_return = !b.step.gradient_return;
               return true;
             }},
    Mutation{"other loads", Breaks::sometimes,
             [](Bench& b) {
               double& load = b.step.load[b.below(b.step.load.size())].at(b.layer(), 0);
               load = std::floor(load) + 3;
               return true;
             }},
    Mutation{"a device dies", Breaks::sometimes,
             [](Bench& b) {
               if (!b.step.experts.cluster.dead.empty()) return false;
               b.step.experts.cluster.dead = {static_cast<int>(b.below(static_cast<std::size_t>(b.devices())))};
               return true;
             }},
    Mutation{"duplicates forbidden", Breaks::sometimes,
             [](Bench& b) {
               b.step.experts.cluster.duplicates = false;
               return true;
             }},
    Mutation{"groups kept on a node", Breaks::sometimes,
             [](Bench& b) {
               b.step.experts.keep_groups_on_a_node = true;
               return true;
             }},
};

}  // namespace plimsoll::testing
