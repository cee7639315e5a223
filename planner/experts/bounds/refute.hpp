// Refutes a time T for one layer: proves that no placement lets every device end by T. The bounds are bisections over
// it. See bound.hpp for the shape of the proofs and docs/methods.md for the formulas.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/experts/bound.hpp"
#include "planner/experts/prepare.hpp"

namespace plimsoll::experts {

class Refutation {
 public:
  // `slots` caps the replicas of the layer over all devices (a share of the memory); below 0: as many as there are
  // slots.
  Refutation(const Prepared& prepared, std::span<const double> load, int slots = -1);

  // Area and replicas: O(experts) each.
  [[nodiscard]] BoundKind by_counting(double seconds);
  // Threshold values over a grid of sizes.
  [[nodiscard]] BoundKind by_thresholds(double seconds);
  // All thresholds, area and slots at once, each with a weight: the Lagrangian dual of choosing one number of replicas
  // for each expert under all these limits together.
  [[nodiscard]] BoundKind by_mixture(double seconds);
  // Groups kept on a node: no assignment of groups to nodes has enough area and slots on every node. Searches a limited
  // number of assignments and gives up (not refuted) beyond.
  [[nodiscard]] BoundKind by_groups(double seconds);

  // Without redundancy on equal devices: the k largest experts stand on some j devices, whose other slots are taken at
  // least by the smallest experts; max over k of min over j of that area. 0 where it does not apply.
  [[nodiscard]] double companions_seconds() const;

  // [experts] the fewest replicas with which each expert can end by T; empty where one cannot.
  [[nodiscard]] std::vector<int> fewest(double seconds);

  // The mean: a time that no plan beats, to start from.
  [[nodiscard]] double area_seconds() const;
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  struct DeviceClass {
    double speed = 1;
    int slots = 0;
    int count = 0;
  };
  struct Needs {
    std::vector<int> replicas;    // [experts] the fewest with which an expert ends by T
    std::vector<double> seconds;  // [experts] the least work at speed 1, fixed charges included
    bool possible = true;
  };
  // Replicas longer than `high` count 1, longer than `low` 1/2.
  struct Threshold {
    double low = 0;
    double high = 0;
  };
  Needs needs(double seconds);
  [[nodiscard]] std::vector<Threshold> thresholds(double seconds, const Needs& needs) const;
  [[nodiscard]] int fewest_replicas(double load, double seconds) const;
  [[nodiscard]] double least_work(double load, int fewest) const;
  [[nodiscard]] double usable_seconds(double budget) const;
  [[nodiscard]] double most_value(double seconds, const Threshold& threshold) const;
  [[nodiscard]] double cut_value(double load, int count, const Threshold& threshold) const;
  [[nodiscard]] bool threshold_refutes(double seconds, const Threshold& threshold, const Needs& needs);

  const Prepared& prepared_;
  std::span<const double> load_;
  std::vector<DeviceClass> classes_;   // fastest first
  std::vector<double> device_speeds_;  // descending, devices with slots
  double total_speed_ = 0;
  int slots_ = 0;
  int most_replicas_ = 1;         // of one expert
  bool distinct_ = true;          // replicas of an expert stand on different devices, without loss
  std::vector<double> capacity_;  // scratch: tokens that the n fastest devices take by T
  std::size_t preferred_ = 0;     // the threshold that refuted last
  std::vector<double> weights_;   // of the mixture that came closest, to start the next one from
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::experts
