#include "planner/assignment/formulation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/assignment/evaluate.hpp"
#include "planner/assignment/json.hpp"
#include "planner/common/certify.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::assignment {
namespace {

namespace mip = solvers::mip;

constexpr std::int64_t most_pairs = 5'000'000;

std::size_t z(int index) { return static_cast<std::size_t>(index); }

// Amounts above a million are counted in the power of two that brings them to it: backends compare rows with an
// absolute tolerance, and the division is exact.
double unit_for(double largest) {
  double unit = 1;
  while (largest / unit > 1048576.0) unit *= 2;
  return unit;
}

}  // namespace

Formulation::Formulation(const Prepared& prepared, std::optional<double> cutoff)
    : prepared_(prepared), variable_(z(prepared.bins), z(prepared.items), -1), alike_(alike_bins()) {
  const std::int64_t pairs = std::int64_t{prepared.bins} * prepared.items;
  if (pairs > most_pairs) {
    throw Error(ErrorCode::unsupported, "the integer program would have " + std::to_string(pairs) +
                                            " variables, at most " + std::to_string(most_pairs) + " are handled");
  }
  add_variables(cutoff);
  add_item_rows();
  add_capacity_rows();
  if (prepared.makespan) add_time_rows();
  add_apart_rows();
  add_change_row();
}

bool Formulation::alike_bins() const {
  const auto& table = prepared_.allowed.data();
  return prepared_.makespan && prepared_.machines == Machines::identical && prepared_.dimensions.empty() &&
         prepared_.instance.current.empty() && std::all_of(table.begin(), table.end(), [](auto can) { return can; });
}

int Formulation::variable(int bin, int item) const { return variable_.at(z(bin), z(item)); }

void Formulation::add_variables(std::optional<double> cutoff) {
  double largest = 0;
  for (int item = 0; item < prepared_.items; ++item) {
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      if (!prepared_.can(bin, item) || (alike_ && bin > item)) continue;
      const double time = prepared_.size.at(z(bin), z(item)) / prepared_.speed[z(bin)];
      if (prepared_.makespan && cutoff && time > *cutoff * (1 + 1e-9)) continue;
      largest = std::max(largest, time);
      std::string name = "x_" + std::to_string(bin) + "_" + std::to_string(item);
      variable_.at(z(bin), z(item)) = model_.add_variable(0, 1, prepared_.cost.at(z(bin), z(item)), true, name);
    }
  }
  if (!prepared_.makespan) return;
  time_unit_ = unit_for(largest);
  const bool whole = prepared_.step > 0 && time_unit_ == 1;  // speeds are 1, sizes whole: so is the makespan
  const double upper = cutoff ? *cutoff * (1 + 1e-9) / time_unit_ : mip::infinity;
  makespan_ = model_.add_variable(0, upper, time_unit_, whole && std::floor(upper) >= 0, "T");
}

void Formulation::add_item_rows() {
  std::vector<mip::Entry> entries;
  for (int item = 0; item < prepared_.items; ++item) {
    entries.clear();
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      if (variable(bin, item) >= 0) entries.push_back({variable(bin, item), 1});
    }
    model_.add_row(1, 1, entries, "item_" + std::to_string(item));
  }
}

void Formulation::add_capacity_rows() {
  std::vector<mip::Entry> entries;
  for (std::size_t d = 0; d < prepared_.dimensions.size(); ++d) {
    const Prepared::Dimension& dimension = prepared_.dimensions[d];
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      entries.clear();
      const double capacity = dimension.capacity[z(bin)];
      const double unit = unit_for(capacity);
      for (int item = 0; item < prepared_.items; ++item) {
        const double size = dimension.size.at(z(bin), z(item)) / unit;
        if (variable(bin, item) >= 0 && size >= mip::smallest_coefficient)
          entries.push_back({variable(bin, item), size});
      }
      capacity_units_.push_back(unit);
      capacity_rows_.push_back(model_.add_row(-mip::infinity, capacity / unit, entries,
                                              "capacity_" + std::to_string(d) + "_" + std::to_string(bin)));
    }
  }
}

void Formulation::add_time_rows() {
  std::vector<mip::Entry> entries;
  for (int bin = 0; bin < prepared_.bins; ++bin) {
    entries.clear();
    for (int item = 0; item < prepared_.items; ++item) {
      const double time = prepared_.size.at(z(bin), z(item)) / prepared_.speed[z(bin)] / time_unit_;
      if (variable(bin, item) >= 0 && time >= mip::smallest_coefficient) entries.push_back({variable(bin, item), time});
    }
    entries.push_back({makespan_, -1});
    model_.add_row(-mip::infinity, 0, entries, "time_" + std::to_string(bin));
  }
}

void Formulation::add_apart_rows() {
  // Lists as they were given are cliques, stronger than pairs; their members' kernel items are what counts.
  std::vector<int> kernel(z(prepared_.instance.items));
  for (int item = 0; item < prepared_.items; ++item) {
    for (const int member : prepared_.members[z(item)]) kernel[z(member)] = item;
  }
  std::vector<mip::Entry> entries;
  int number = 0;
  for (const std::vector<int>& list : prepared_.instance.apart) {
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      entries.clear();
      for (const int item : list) {
        if (variable(bin, kernel[z(item)]) >= 0) entries.push_back({variable(bin, kernel[z(item)]), 1});
      }
      if (entries.size() < 2) continue;
      model_.add_row(-mip::infinity, 1, entries, "apart_" + std::to_string(number) + "_" + std::to_string(bin));
    }
    ++number;
  }
}

void Formulation::add_change_row() {
  if (!prepared_.max_changes) return;
  std::vector<mip::Entry> entries;
  for (int bin = 0; bin < prepared_.bins; ++bin) {
    for (int item = 0; item < prepared_.items; ++item) {
      const int changes = prepared_.changes.at(z(bin), z(item));
      if (variable(bin, item) >= 0 && changes > 0)
        entries.push_back({variable(bin, item), static_cast<double>(changes)});
    }
  }
  model_.add_row(-mip::infinity, static_cast<double>(*prepared_.max_changes), entries, "changes");
}

std::optional<std::vector<double>> Formulation::encode(std::vector<int> bin_of) const {
  if (alike_) {  // bins in the order of their first items
    std::vector<int> name(z(prepared_.bins), -1);
    int next = 0;
    for (int& bin : bin_of) {
      if (name[z(bin)] < 0) name[z(bin)] = next++;
      bin = name[z(bin)];
    }
  }
  std::vector<double> point(z(model_.variables()), 0.0);
  std::vector<double> time(z(prepared_.bins), 0.0);
  for (int item = 0; item < prepared_.items; ++item) {
    const int bin = bin_of[z(item)];
    if (variable(bin, item) < 0) return std::nullopt;
    point[z(variable(bin, item))] = 1;
    time[z(bin)] += prepared_.size.at(z(bin), z(item)) / prepared_.speed[z(bin)] / time_unit_;
  }
  if (prepared_.makespan) point[z(makespan_)] = *std::max_element(time.begin(), time.end());
  return point;
}

std::vector<int> Formulation::decode(std::span<const double> point) const {
  std::vector<int> bin_of(z(prepared_.items), 0);
  for (int item = 0; item < prepared_.items; ++item) {
    double most = -1;
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      const int index = variable(bin, item);
      if (index < 0 || point[z(index)] <= most) continue;
      most = point[z(index)];
      bin_of[z(item)] = bin;
    }
  }
  return bin_of;
}

int Formulation::capacity_row(int bin, std::size_t dimension) const {
  return capacity_rows_[dimension * z(prepared_.bins) + z(bin)];
}

double Formulation::capacity_unit(int bin, std::size_t dimension) const {
  return capacity_units_[dimension * z(prepared_.bins) + z(bin)];
}

namespace {

class Program : public common::IntegerProgram {
 public:
  Program(const AssignmentInstance& instance, std::optional<double> cutoff)
      : prepared_(instance), formulation_(prepared_, cutoff) {}

  [[nodiscard]] const mip::Model& model() const override { return formulation_.model(); }

  [[nodiscard]] common::ReadBack read_back(std::span<const double> point, const std::string& method) const override {
    const AssignmentPlan plan = prepared_.expand(formulation_.decode(point));
    const Evaluation evaluation = evaluate(prepared_.instance, plan);
    common::ReadBack back;
    back.violations = evaluation.violations;
    if (!back.violations.empty()) return back;
    const Bound bound = quick_bound(prepared_);
    common::Outcome outcome;
    outcome.objective = evaluation.objective;
    outcome.bound = prepared_.round_up(bound.value);
    outcome.bound_method = name_of(bound.kind);
    outcome.method = method;
    back.certificate = common::certify(outcome);
    back.metrics_json = write_metrics(prepared_.instance, evaluation.metrics);
    back.plan_json = write_plan_object(plan);
    return back;
  }

 private:
  Prepared prepared_;
  Formulation formulation_;
};

}  // namespace

std::unique_ptr<common::IntegerProgram> make_program(const AssignmentInstance& instance, std::optional<double> cutoff) {
  return std::make_unique<Program>(instance, cutoff);
}

}  // namespace plimsoll::assignment
