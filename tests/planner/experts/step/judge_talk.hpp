// A second opinion on dispatch and combine of one row of a step, written from docs/formats.md alone: all ways in which
// tokens choose their replicas, one by one.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "plimsoll/step.hpp"
#include "tests/planner/experts/step/link_times.hpp"
#include "tests/planner/experts/step/random_base.hpp"

namespace plimsoll::testing {

// Seconds of each link.
struct Talk {
  std::vector<double> dispatch;
  std::vector<double> combine;
};

class TalkJudgement {
 public:
  TalkJudgement(const StepInstance& step, const ExpertPlan& rows, int microstep, int layer)
      : step_(step),
        rows_(rows),
        columns_(step),
        links_(step),
        microstep_(microstep),
        layer_(static_cast<std::size_t>(layer)) {}

  // Every token (or every expert's tokens of a source) goes to each replica with the probability of its share. Nothing
  // where bytes must cross a link without a rate.
  std::optional<Talk> seconds() {
    copies_.assign(static_cast<std::size_t>(4 * step_.experts.cluster.devices()), 0.0);
    const auto& talk = step_.communication;
    if (talk.copies == Copies::per_replica) send_to_replicas();
    for (std::size_t token = 0; token < talk.route_source.size() && talk.copies != Copies::per_replica; ++token) {
      if (talk.route_microstep[token] == microstep_) route(token);
    }
    Talk result;
    for (std::size_t link = 0; link < copies_.size(); ++link) {
      const std::size_t opposite = link % 2 == 0 ? link + 1 : link - 1;
      const auto out = over(link, copies_[link] * step_.experts.model.dispatch_token_bytes);
      const auto back = over(link, copies_[opposite] * step_.experts.model.combine_token_bytes);
      if (!out || !back) return std::nullopt;
      result.dispatch.push_back(*out);
      result.combine.push_back(*back);
    }
    return result;
  }

 private:
  [[nodiscard]] std::optional<double> over(std::size_t link, double bytes) const {
    const auto& given = step_.experts.cluster.link;
    if (!given || bytes <= 0) return 0.0;
    const double rate = link % 4 < 2 ? given->intra_bytes_per_second : given->nic_bytes_per_second;
    if (rate <= 0) return std::nullopt;
    return bytes / rate;
  }

  void send(int from, int to, double count) {
    if (from == to) return;
    const auto [out, in] = links_.between(from, to);
    copies_[out] += count;
    copies_[in] += count;
  }

  void send_to_replicas() {
    const auto& sources = step_.sources[static_cast<std::size_t>(microstep_)][layer_];
    for (std::size_t column = 0; column < columns_.count(); ++column) {
      const int expert = rows_.slots.at(layer_, column);
      for (std::size_t from = 0; from < sources.rows() && expert >= 0; ++from) {
        send(static_cast<int>(from), columns_.device_of[column],
             rows_.shares.at(layer_, column) * sources.at(from, static_cast<std::size_t>(expert)));
      }
    }
  }

  // All ways in which the experts of a token choose their replicas.
  void route(std::size_t token) {
    const auto& talk = step_.communication;
    const auto k = static_cast<std::size_t>(talk.routes_per_token);
    const std::function<void(std::size_t, double, const std::set<int>&)> choose = [&](std::size_t choice, double chance,
                                                                                      const std::set<int>& devices) {
      if (choice == k) {
        deliver(talk.route_source[token], devices, chance);
        return;
      }
      const std::size_t at = (token * rows_.slots.rows() + layer_) * k + choice;
      for (std::size_t column = 0; column < columns_.count(); ++column) {
        const double share = rows_.shares.at(layer_, column);
        if (rows_.slots.at(layer_, column) != talk.routes[at] || share <= 0) continue;
        auto with = devices;
        with.insert(columns_.device_of[column]);
        choose(choice + 1, chance * share, with);
      }
    };
    choose(0, 1.0, {});
  }

  void deliver(int from, const std::set<int>& devices, double chance) {
    const int size = step_.experts.cluster.devices_per_node;
    std::set<int> nodes;
    for (const int device : devices) {
      const bool relayed = step_.communication.copies == Copies::per_node && device / size != from / size;
      const int relay = relayed ? device / size * size + from % size : from;
      if (relayed && nodes.insert(device / size).second) send(from, relay, chance);
      send(relay, device, chance);
    }
  }

  const StepInstance& step_;
  const ExpertPlan& rows_;
  StepColumns columns_;
  LinkTimes links_;
  int microstep_;
  std::size_t layer_;
  std::vector<double> copies_;  // [links]
};

}  // namespace plimsoll::testing
