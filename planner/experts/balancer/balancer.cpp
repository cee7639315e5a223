// The public calls (include/plimsoll/balancer.hpp).
#include "plimsoll/balancer.hpp"

#include <algorithm>
#include <utility>

#include "planner/experts/balancer/judge.hpp"
#include "planner/experts/balancer/plan.hpp"
#include "planner/experts/balancer/recover.hpp"
#include "planner/experts/balancer/state.hpp"
#include "plimsoll/error.hpp"
#include "support/sha256.hpp"

namespace plimsoll {

using namespace experts::balancer;

namespace {

[[noreturn]] void misuse(const std::string& message, const std::string& advice) {
  throw Error(ErrorCode::usage, message, {}, advice);
}

// Which delta it is, of those of its epoch: what it moves.
std::string mark_of(const Delta& delta) {
  support::Sha256 sum;
  for (const BalancerMove& move : delta.moves) {
    for (const int number :
         {static_cast<int>(move.kind), move.layer, move.expert, move.other_expert, move.from_slot, move.to_slot}) {
      sum.add(std::to_string(number) + " ");
    }
  }
  return sum.finish();
}

std::vector<bool> layers_of(const Delta& delta, std::size_t layers) {
  std::vector<bool> moved(layers, false);
  for (const BalancerMove& move : delta.moves) {
    if (move.layer < 0 || static_cast<std::size_t>(move.layer) >= layers) {
      misuse("the delta moves in layer " + std::to_string(move.layer) + " of " + std::to_string(layers), "");
    }
    moved[static_cast<std::size_t>(move.layer)] = true;
  }
  return moved;
}

}  // namespace

class Balancer::State {
 public:
  State(const ExpertInstance& instance, const BalancerOptions& options) {
    check_options(options);
    knowledge.options = options;
    knowledge.frame = make_frame(instance, options);
  }
  explicit State(Knowledge restored) : knowledge(std::move(restored)) {}

  void begin_epoch() {
    ++knowledge.epoch;
    knowledge.open_delta.clear();
    knowledge.committed.clear();
  }

  void commit(const Delta& delta, std::span<const int> layers);

  [[nodiscard]] std::size_t layers() const { return static_cast<std::size_t>(knowledge.frame.model.layers); }
  Matrix<int>& slots() { return *knowledge.frame.placement; }

  Knowledge knowledge;

 private:
  void check_delta(const Delta& delta, const std::string& mark) const;
  [[nodiscard]] std::vector<std::size_t> chosen(std::span<const int> layers, const std::vector<bool>& done) const;
};

void Balancer::State::check_delta(const Delta& delta, const std::string& mark) const {
  if (delta.epoch != knowledge.epoch) {
    misuse("the delta is of epoch " + std::to_string(delta.epoch) + ", the balancer is in epoch " +
               std::to_string(knowledge.epoch),
           "Maybe call plan() again.");
  }
  if (!knowledge.open_delta.empty() && knowledge.open_delta != mark) {
    misuse("another delta is committed in part", "Maybe call rollback() first.");
  }
}

// Ascending, each once.
std::vector<std::size_t> Balancer::State::chosen(std::span<const int> layers, const std::vector<bool>& done) const {
  std::vector<bool> wanted(this->layers(), layers.empty());
  for (const int layer : layers) {
    if (layer < 0 || static_cast<std::size_t>(layer) >= wanted.size()) {
      misuse("there is no layer " + std::to_string(layer), "");
    }
    const auto l = static_cast<std::size_t>(layer);
    if (wanted[l] || done[l]) misuse("layer " + std::to_string(layer) + " is committed already", "");
    wanted[l] = true;
  }
  std::vector<std::size_t> list;
  for (std::size_t layer = 0; layer < wanted.size(); ++layer) {
    if (wanted[layer] && !done[layer]) list.push_back(layer);
  }
  return list;
}

void Balancer::State::commit(const Delta& delta, std::span<const int> layers) {
  const std::string mark = mark_of(delta);
  check_delta(delta, mark);
  const std::vector<bool> moved = layers_of(delta, this->layers());
  std::vector<bool> done = knowledge.committed;
  done.resize(this->layers(), false);
  Matrix<int> after = slots();
  for (const std::size_t layer : chosen(layers, done)) {
    for (const BalancerMove& move : delta.moves) {
      if (static_cast<std::size_t>(move.layer) == layer) apply(move, after.row(layer));
    }
    if (!std::equal(after.row(layer).begin(), after.row(layer).end(), delta.plan.slots.row(layer).begin())) {
      misuse("the moves of layer " + std::to_string(layer) + " do not lead to the slots of the delta", "");
    }
    done[layer] = true;
  }
  slots() = std::move(after);
  bool left = false;
  for (std::size_t layer = 0; layer < done.size(); ++layer) left = left || (moved[layer] && !done[layer]);
  if (left) {
    knowledge.open_delta = mark;
    knowledge.committed = std::move(done);
  } else {
    begin_epoch();
  }
}

Balancer::Balancer(const ExpertInstance& instance, const BalancerOptions& options)
    : state_(std::make_unique<State>(instance, options)) {}
Balancer::Balancer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Balancer::Balancer(const Balancer& other) : state_(std::make_unique<State>(*other.state_)) {}
Balancer& Balancer::operator=(const Balancer& other) {
  state_ = std::make_unique<State>(*other.state_);
  return *this;
}
Balancer::Balancer(Balancer&&) noexcept = default;
Balancer& Balancer::operator=(Balancer&&) noexcept = default;
Balancer::~Balancer() = default;

void Balancer::observe(const Matrix<double>& load) {
  Knowledge& knowledge = state_->knowledge;
  check_load(knowledge.frame, load);
  if (knowledge.observed.size() == static_cast<std::size_t>(knowledge.options.window)) {
    knowledge.observed.erase(knowledge.observed.begin());
  }
  knowledge.observed.push_back(load);
}

Delta Balancer::plan() const {
  if (!state_->knowledge.open_delta.empty()) {
    misuse("a delta is committed in part", "Maybe commit its other layers, or call rollback().");
  }
  return make_plan(state_->knowledge);
}

void Balancer::commit(const Delta& delta, std::span<const int> layers) { state_->commit(delta, layers); }
void Balancer::rollback() { state_->begin_epoch(); }

void Balancer::device_died(int device) {
  ExpertInstance& frame = state_->knowledge.frame;
  auto& dead = frame.cluster.dead;
  const auto place = std::lower_bound(dead.begin(), dead.end(), device);
  if (device < 0 || device >= frame.cluster.devices()) {
    misuse("there is no device " + std::to_string(device), "");
  }
  if (place != dead.end() && *place == device) misuse("device " + std::to_string(device) + " is dead already", "");
  dead.insert(place, device);
  std::size_t first = 0;
  for (int other = 0; other < device; ++other) {
    first += static_cast<std::size_t>(frame.cluster.slots[static_cast<std::size_t>(other)]);
  }
  const auto count = static_cast<std::size_t>(frame.cluster.slots[static_cast<std::size_t>(device)]);
  for (std::size_t layer = 0; layer < state_->layers(); ++layer) {
    const auto row = state_->slots().row(layer).subspan(first, count);
    std::fill(row.begin(), row.end(), -1);
  }
  state_->begin_epoch();
}

void Balancer::device_joined(int device) {
  auto& dead = state_->knowledge.frame.cluster.dead;
  const auto place = std::find(dead.begin(), dead.end(), device);
  if (place == dead.end()) misuse("device " + std::to_string(device) + " is not dead", "");
  dead.erase(place);
  state_->begin_epoch();
}

std::uint64_t Balancer::epoch() const { return state_->knowledge.epoch; }
const Matrix<int>& Balancer::slots() const { return *state_->knowledge.frame.placement; }
const std::vector<int>& Balancer::dead() const { return state_->knowledge.frame.cluster.dead; }
int Balancer::observations() const { return static_cast<int>(state_->knowledge.observed.size()); }
Matrix<double> Balancer::predicted_load() const { return experts::balancer::predicted_load(state_->knowledge); }
Matrix<double> Balancer::shares() const { return shares_of(slots()); }

namespace {

// Throws where a table of slots has another shape, or holds experts that there are not.
void check_slots(const ExpertInstance& frame, const Matrix<int>& slots) {
  if (slots.rows() != frame.placement->rows() || slots.columns() != frame.placement->columns()) {
    misuse("expected " + std::to_string(frame.placement->rows()) + " rows of " +
               std::to_string(frame.placement->columns()) + " slots, got " + std::to_string(slots.rows()) + " of " +
               std::to_string(slots.columns()),
           "");
  }
  for (const int expert : slots.data()) {
    if (expert >= -1 && expert < frame.model.experts) continue;
    misuse("expected an expert below " + std::to_string(frame.model.experts) + " or -1, got " + std::to_string(expert),
           "");
  }
}

}  // namespace

Matrix<double> Balancer::shares_of(const Matrix<int>& slots) const {
  const Knowledge& knowledge = state_->knowledge;
  check_slots(knowledge.frame, slots);
  const ExpertInstance working = working_instance(knowledge.frame, predicted_load());
  const experts::Prepared prepared(working);
  std::uint64_t work = 0;
  return plan_of(prepared, slots, work).shares;
}

double Balancer::seconds_of(const Matrix<int>& slots) const {
  const Knowledge& knowledge = state_->knowledge;
  check_slots(knowledge.frame, slots);
  const ExpertInstance working = working_instance(knowledge.frame, predicted_load());
  const experts::Prepared prepared(working);
  std::uint64_t work = 0;
  const Judged judged = judge(knowledge.frame, scenarios_of(knowledge), plan_of(prepared, slots, work));
  if (!judged.violations.empty()) misuse(judged.violations.front(), "");
  return judged.seconds();
}

std::string Balancer::state() const { return write_state(state_->knowledge); }
Balancer Balancer::from_state(std::string_view text) { return Balancer(std::make_unique<State>(read_state(text))); }

}  // namespace plimsoll
