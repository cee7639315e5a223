// One layer of the integer program: which replicas stand where, and how long every device takes. The three ways to say
// it (even parts, weighted shares, weighted shares under a table) look alike from outside: a number of replicas for
// each expert and device as a sum of variables, a row for each device's time, and the way back to a plan.
#pragma once

#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "planner/experts/prepare.hpp"
#include "planner/experts/search/layer.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::experts {

// What the rows of a layer are built on. Times are in units inside the model, so that backends see numbers of a size
// that they can handle.
struct LayerFrame {
  const Prepared& prepared;
  solvers::mip::Model& model;
  int layer = 0;
  double unit = 1;            // seconds
  double upper = 0;           // seconds: only plans whose devices end by then have to be there; may be infinite
  std::vector<int> capacity;  // [devices] slots that the layer can use
  int time = 0;               // the variable of the layer's time, in units
};

class LayerRows {
 public:
  explicit LayerRows(LayerFrame frame);
  LayerRows(const LayerRows&) = delete;
  LayerRows& operator=(const LayerRows&) = delete;
  virtual ~LayerRows() = default;

  // Variables whose sum is the number of replicas of an expert on a device; none where it cannot stand.
  [[nodiscard]] const std::vector<int>& count(int expert, int device) const { return count_[index(expert, device)]; }
  // The largest value of that sum.
  [[nodiscard]] int most(int expert, int device) const { return most_[index(expert, device)]; }
  // Rows: the time of a device without the layer's time is at most 0; -1 where nothing can stand.
  [[nodiscard]] const std::vector<int>& time_rows() const { return time_rows_; }

  // The fewest replicas of an expert, and its least work in seconds at speed 1, in any plan that ends by `upper`.
  [[nodiscard]] virtual int fewest(int expert) const = 0;
  [[nodiscard]] virtual double least_work(int expert) const = 0;
  // Two devices that are alike may still not change places: whole tokens go to slots in their order.
  [[nodiscard]] virtual bool ordered() const { return false; }

  // The plan as this model says it: replicas that are the same to it merged, those that serve nothing and need not
  // stand left out. Never worse.
  [[nodiscard]] virtual LayerPlan canonical(LayerPlan plan) const { return plan; }
  // Sets the variables of this layer, the time left out. False where the model has no such plan (it takes longer than
  // `upper`). The plan is canonical.
  virtual bool encode(const LayerPlan& plan, std::vector<double>& point) const = 0;
  [[nodiscard]] virtual LayerPlan decode(std::span<const double> point) const = 0;

 protected:
  [[nodiscard]] std::size_t index(int expert, int device) const {
    return static_cast<std::size_t>(expert) * static_cast<std::size_t>(frame_.prepared.devices) +
           static_cast<std::size_t>(device);
  }
  [[nodiscard]] int slots(int device) const { return frame_.capacity[static_cast<std::size_t>(device)]; }
  [[nodiscard]] int slots_of_all() const;
  [[nodiscard]] double load(int expert) const {
    return frame_.prepared.load(frame_.layer)[static_cast<std::size_t>(expert)];
  }
  // A device can work off so many seconds (at speed 1) by `upper`, rounded up.
  [[nodiscard]] double budget(int device) const;
  [[nodiscard]] double largest_budget() const;
  // Backends take no coefficients below 1e-9. Times stand around 100 in the model and shares at 1, so that one of that
  // size is rounding.
  [[nodiscard]] static double coefficient(double value) {
    return std::abs(value) < solvers::mip::smallest_coefficient ? 0.0 : value;
  }
  // "y_0_3_2": unique and safe in every format.
  [[nodiscard]] std::string name(const char* kind, std::initializer_list<int> indices) const;
  void may_stand(int expert, int device, int variable, int most);
  // The seconds (at speed 1) that a variable costs its device; zero costs nothing.
  void charge(int device, int variable, double seconds);
  // After all charges: a row of time and a row of slots for each device. `refill`: slots that stay empty can be filled
  // with duplicates, at no cost, where one replica stands.
  void close_devices(bool refill);

  LayerFrame frame_;

 private:
  std::vector<std::vector<int>> count_;
  std::vector<int> most_;
  std::vector<std::vector<solvers::mip::Entry>> charges_;  // [devices]
  std::vector<int> time_rows_;
};

std::unique_ptr<LayerRows> even_rows(LayerFrame frame);
std::unique_ptr<LayerRows> weighted_rows(LayerFrame frame);
std::unique_ptr<LayerRows> table_rows(LayerFrame frame);

// The replicas of one layer of a plan with their tokens, in the order of slots.
LayerPlan layer_of(const Prepared& prepared, const ExpertPlan& plan, int layer);

}  // namespace plimsoll::experts
