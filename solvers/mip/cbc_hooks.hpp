// How we look into a running CBC, and how we stop it.
#pragma once

#include <CbcEventHandler.hpp>
#include <CbcHeuristic.hpp>
#include <ClpEventHandler.hpp>
#include <CoinMessageHandler.hpp>
#include <cstdint>

#include "solvers/mip/search.hpp"

class CbcModel;

namespace plimsoll::solvers::mip {

// Drops every message. A log level of 0 still lets some through.
class SilentMessages final : public CoinMessageHandler {
 public:
  SilentMessages() { setLogLevel(0); }
  int print() override { return 0; }
  [[nodiscard]] CoinMessageHandler* clone() const override { return new SilentMessages(*this); }
};

// Shared by the hooks of one solve. CBC copies its hooks as it copies models, so they only point here.
class CbcWatch {
 public:
  explicit CbcWatch(Search& search) : search_(&search) {}

  Search& search() { return *search_; }
  void set_model(CbcModel* model) { model_ = model; }
  // Whether to stop. Once it was true, nothing that CBC says about bounds or completeness counts: a relaxation that was
  // broken off looks infeasible to it, and a node is lost.
  bool stop();
  // The same, looking at the clock only now and then; for the inner loop of the simplex method.
  bool stop_inside() { return tripped_ || (++calls_ % 16 == 0 && stop()); }
  [[nodiscard]] bool tripped() const { return tripped_; }
  [[nodiscard]] bool is_main(const CbcModel* model) const { return model == model_; }

 private:
  Search* search_;
  CbcModel* model_ = nullptr;
  std::uint32_t calls_ = 0;
  bool tripped_ = false;
};

class RelaxationEvents final : public ClpEventHandler {
 public:
  explicit RelaxationEvents(CbcWatch& watch) : watch_(&watch) {}
  int event(Event) override { return watch_->stop_inside() ? 0 : -1; }
  [[nodiscard]] ClpEventHandler* clone() const override { return new RelaxationEvents(*this); }

 private:
  CbcWatch* watch_;
};

// Hands over bounds and incumbents.
class TreeEvents final : public CbcEventHandler {
 public:
  TreeEvents(CbcWatch& watch, double unit) : watch_(&watch), unit_(unit) {}
  CbcAction event(CbcEvent which) override;
  CbcAction event(CbcEvent which, void* about) override;
  [[nodiscard]] CbcEventHandler* clone() const override { return new TreeEvents(*this); }

 private:
  CbcWatch* watch_;
  double unit_;
  double seen_ = infinity;  // objective of the incumbent handed over last
};

// Lets the caller's heuristic look at relaxations.
class CallersHeuristic final : public CbcHeuristic {
 public:
  CallersHeuristic(CbcModel& model, CbcWatch& watch, double unit);
  [[nodiscard]] CbcHeuristic* clone() const override { return new CallersHeuristic(*this); }
  void resetModel(CbcModel* model) override { setModel(model); }
  int solution(double& objective, double* point) override;

 private:
  CbcWatch* watch_;
  double unit_;
};

}  // namespace plimsoll::solvers::mip
