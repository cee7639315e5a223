// Gradients, and the capacity of links over time.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "planner/experts/step/formulation/transfer_rows.hpp"

namespace plimsoll::experts::step {

using solvers::mip::infinity;

// r[l,e,d] = 1: d is the lowest device that holds e in base.
void TransferRows::add_lowest() {
  lowest_.assign(frame_.base.size(), -1);
  for (int l = 0; l < prepared_.layers; ++l) {
    for (int e = 0; e < prepared_.experts; ++e) {
      Sum later;
      for (int d = prepared_.devices - 1; d >= 0; --d) {
        const int base = frame_.base[frame_.at(l, e, d)];
        if (base < 0) continue;
        const int lowest = frame_.model.add_variable(0, 1, 0, true, label("r", {l, e, d}));
        lowest_[frame_.at(l, e, d)] = lowest;
        Sum().add(lowest, 1.0).add(base, -1.0).require(frame_.model, -infinity, 0);
        const double most = frame_.model.variable(base).upper;
        if (!later.empty()) Sum(later).add(base, 1.0 / most).require(frame_.model, -infinity, 1);
        later.add(lowest, 1.0);
      }
      later.require(frame_.model, 1, 1, label("lowest", {l, e}));
    }
  }
}

// g[m,l,e,d,d'] >= y[m,l,e,d] - most (1 - r[l,e,d']).
void TransferRows::add_gradients() {
  const double bytes = prepared_.instance.experts.model.gradient_bytes;
  for (int m = 0; m < prepared_.microsteps; ++m) {
    for (int l = 0; l < prepared_.layers; ++l) {
      if (prepared_.windows[static_cast<std::size_t>(last_window(m, l))].pass == Pass::forward) continue;
      for (int e = 0; e < prepared_.experts; ++e) {
        for (int from = 0; from < prepared_.devices; ++from) {
          const int transient = frame_.transient[frame_.at(m, l, e, from)];
          if (transient < 0) continue;
          const double most = frame_.model.variable(transient).upper;
          for (int to = 0; to < prepared_.devices; ++to) {
            const int lowest = lowest_[frame_.at(l, e, to)];
            if (to == from || lowest < 0) continue;
            Sum needs;
            needs.add(transient, 1.0).add(lowest, most);
            const Path path = links_.between(from, to);
            if (path.rate > 0) {
              const double seconds = links_.seconds(path, bytes);
              const int variable = frame_.model.add_variable(0, most, 0, false, label("g", {m, l, e, from, to}));
              gradients_.push_back({m, l, e, from, to, path, seconds / frame_.unit, variable});
              needs.add(variable, -1.0);
            }
            needs.require(frame_.model, -infinity, most);
          }
        }
      }
    }
  }
}

// For each link and direction, from any release to any deadline: the transfers that have to lie between the two.
void TransferRows::add_links() {
  struct Item {
    int release;   // the window after which it starts, -1: any time
    int deadline;  // the window before which it ends; the number of windows: the end of the step
    double seconds;
    int variable;
  };
  std::map<int, std::vector<Item>> items;  // by link
  const auto put = [&](const Path& path, const Item& item) {
    if (item.seconds < solvers::mip::smallest_coefficient) return;
    for (const int link : path.links) {
      if (link >= 0) items[link].push_back(item);
    }
  };
  for (const Arrival& arrival : arrivals_) {
    put(arrival.path,
        {arrival.release, forward_window(arrival.microstep, arrival.layer), arrival.seconds, arrival.variable});
  }
  const int windows = static_cast<int>(prepared_.windows.size());
  for (const Gradient& gradient : gradients_) {
    put(gradient.path, {last_window(gradient.microstep, gradient.layer), windows, gradient.seconds, gradient.variable});
  }
  for (const auto& [link, list] : items) {
    std::set<int> releases;
    std::set<int> deadlines;
    for (const Item& item : list) {
      releases.insert(item.release);
      deadlines.insert(item.deadline);
    }
    for (const int from : releases) {
      for (const int until : deadlines) {
        Sum busy;
        bool first = false;
        bool last = false;
        for (const Item& item : list) {
          if (item.release < from || item.deadline > until) continue;
          busy.add(item.variable, item.seconds);
          first = first || item.release == from;
          last = last || item.deadline == until;
        }
        if (!first || !last) continue;
        busy.add(until == windows ? Sum().add(frame_.end, 1.0) : frame_.start_of(until), -1.0);
        if (from >= 0) busy.add(frame_.end_of(from), 1.0);
        busy.require(frame_.model, -infinity, 0, label("link", {link, from + 1, until}));
      }
    }
  }
}

}  // namespace plimsoll::experts::step
