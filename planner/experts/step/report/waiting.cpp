#include "planner/experts/step/report/waiting.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace plimsoll::experts::step {
namespace {

class Search {
 public:
  explicit Search(const Story& story)
      : story_(story), instance_(story.instance()), tolerance_(2e-9 * story.after.metrics.step_seconds) {
    for (LinkUse& use : use_of_links(story)) uses_.emplace(use.link, std::move(use));
  }

  std::vector<Waiting> run() {
    std::vector<Waiting> list;
    std::vector<std::optional<std::size_t>> last(story_.prepared.windows.size());
    std::optional<std::size_t> last_gradient;
    const auto keep_later = [&](std::optional<std::size_t>& best, std::size_t k) {
      if (!best || transfer(k).end_seconds > transfer(*best).end_seconds) best = k;
    };
    for (std::size_t k = 0; k < story_.plan.transfers.size(); ++k) {
      const Transfer& one = transfer(k);
      if (one.kind == TransferKind::gradient) {
        keep_later(last_gradient, k);
      } else {
        keep_later(last[forward_window(one)], k);
      }
    }
    for (std::size_t w = 0; w < last.size(); ++w) {
      if (story_.after.waited[w] > tolerance_ && last[w]) {
        list.push_back(judged(static_cast<int>(w), story_.after.waited[w], *last[w]));
      }
    }
    if (story_.tail() > tolerance_ && last_gradient) list.push_back(judged(-1, story_.tail(), *last_gradient));
    std::stable_sort(list.begin(), list.end(),
                     [](const Waiting& a, const Waiting& b) { return a.seconds > b.seconds; });
    return list;
  }

 private:
  [[nodiscard]] const Transfer& transfer(std::size_t k) const { return story_.plan.transfers[k]; }
  [[nodiscard]] std::size_t forward_window(const Transfer& one) const {
    return static_cast<std::size_t>(story_.prepared.forward_window.at(static_cast<std::size_t>(one.microstep),
                                                                      static_cast<std::size_t>(one.layer)));
  }
  [[nodiscard]] bool same(double a, double b) const { return std::abs(a - b) <= tolerance_; }
  [[nodiscard]] double end_of(int microstep, int layer) const {
    const int window =
        story_.prepared.last_window.at(static_cast<std::size_t>(microstep), static_cast<std::size_t>(layer));
    const auto w = static_cast<std::size_t>(window);
    return story_.after.window_start[w] + story_.after.window_seconds[w];
  }

  [[nodiscard]] Waiting judged(int window, double seconds, std::size_t k) const {
    Waiting waiting{window, seconds, k, path_of(instance_, transfer(k)), Cause::other, -1};
    const double start = transfer(k).start_seconds;
    if (start <= tolerance_) {
      waiting.cause = Cause::step_begins;
    } else if (transfer(k).kind == TransferKind::gradient &&
               same(start, end_of(transfer(k).microstep, transfer(k).layer))) {
      waiting.cause = Cause::compute;
    } else if (source_just_arrived(k)) {
      waiting.cause = Cause::source_late;
    } else if (const int link = link_just_left(k); link >= 0) {
      waiting.cause = Cause::link_busy;
      waiting.link = link;
    } else if (const int busy = tokens_just_left(k); busy >= 0) {
      waiting.cause = Cause::tokens;
      waiting.link = busy;
    } else if (slot_just_free(k)) {
      waiting.cause = Cause::slot_taken;
    }
    return waiting;
  }

  [[nodiscard]] bool source_just_arrived(std::size_t k) const {
    const Transfer& one = transfer(k);
    if (one.from_host) return false;
    return std::any_of(story_.plan.transfers.begin(), story_.plan.transfers.end(), [&](const Transfer& other) {
      return other.kind == TransferKind::weights && other.to == one.from && other.layer == one.layer &&
             other.expert == one.expert && same(other.end_seconds, one.start_seconds);
    });
  }

  [[nodiscard]] int link_just_left(std::size_t k) const {
    for (const int link : links_of(instance_, transfer(k))) {
      const auto use = uses_.find(link);
      if (use == uses_.end()) continue;
      for (const std::size_t other : use->second.transfers) {
        if (other != k && same(transfer(other).end_seconds, transfer(k).start_seconds)) return link;
      }
    }
    return -1;
  }

  [[nodiscard]] int tokens_just_left(std::size_t k) const {
    for (const int link : links_of(instance_, transfer(k))) {
      const auto use = uses_.find(link);
      if (use == uses_.end()) continue;
      const auto& times = use->second.tokens;
      if (std::any_of(times.begin(), times.end(),
                      [&](const Interval& one) { return same(one.end, transfer(k).start_seconds); })) {
        return link;
      }
    }
    return -1;
  }

  // Something that stood in a transient column of the device was done at that moment: the last window of its
  // (micro-step, layer) ended, or its gradient had left.
  [[nodiscard]] bool slot_just_free(std::size_t k) const {
    const Transfer& one = transfer(k);
    return std::any_of(story_.plan.transfers.begin(), story_.plan.transfers.end(), [&](const Transfer& other) {
      if (other.kind == TransferKind::gradient) {
        return other.from == one.to && !other.from_host && same(other.end_seconds, one.start_seconds);
      }
      const bool same_slots = other.to == one.to && (story_.prepared.pool || other.layer == one.layer);
      return same_slots && same(end_of(other.microstep, other.layer), one.start_seconds);
    });
  }

  const Story& story_;
  const StepInstance& instance_;
  double tolerance_;
  std::map<int, LinkUse> uses_;
};

}  // namespace

std::string name_of(Cause cause) {
  switch (cause) {
    case Cause::step_begins:
      return "the step begins: there is no time before";
    case Cause::link_busy:
      return "its link was busy until then";
    case Cause::tokens:
      return "its link was busy with dispatch or combine until then";
    case Cause::slot_taken:
      return "its slot was taken until then";
    case Cause::source_late:
      return "its source arrived only then";
    case Cause::compute:
      return "the gradient was ready only then";
    case Cause::other:
      break;
  }
  return "nothing held it up: it could have started earlier";
}

std::vector<Waiting> waitings(const Story& story) { return Search(story).run(); }

std::vector<WaitingSum> sums_of(const std::vector<Waiting>& waitings) {
  std::map<std::pair<PathKind, Cause>, WaitingSum> sums;
  for (const Waiting& waiting : waitings) {
    WaitingSum& sum = sums[{waiting.path, waiting.cause}];
    sum.path = waiting.path;
    sum.cause = waiting.cause;
    ++sum.count;
    sum.seconds += waiting.seconds;
  }
  std::vector<WaitingSum> list;
  for (const auto& [key, sum] : sums) list.push_back(sum);
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
  return list;
}

}  // namespace plimsoll::experts::step
