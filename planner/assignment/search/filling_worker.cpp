#include "planner/assignment/search/filling_worker.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace plimsoll::assignment {
namespace {

constexpr double least_bins = 2;
constexpr double first_bins = 5;
constexpr int least_region = 3;  // bins that have to fit a set of items
constexpr int ascent_steps = 20;
constexpr std::size_t most_fillings = 2000;  // of a bin
constexpr std::uint64_t most_nodes = 1000;   // of a cover

std::size_t z(int index) { return static_cast<std::size_t>(index); }

bool can_list(const Prepared& prepared) {
  if (prepared.bins < 2 || prepared.items < 2 || prepared.limits_changes() || prepared.dimensions.empty()) return false;
  if (least_region * prepared.items > ItemSet::most_items * prepared.bins) return false;
  return std::all_of(prepared.dimensions.begin(), prepared.dimensions.end(), [](const Prepared::Dimension& dimension) {
    return dimension.whole &&
           *std::max_element(dimension.capacity.begin(), dimension.capacity.end()) <= Fill::finest_grid;
  });
}

double cost_of(const Prepared& prepared, const std::vector<int>& bin_of) {
  double sum = 0;
  for (int item = 0; item < prepared.items; ++item) sum += prepared.cost.at(z(bin_of[z(item)]), z(item));
  return sum;
}

double rounding(double value) { return 1e-9 * std::max(1.0, std::abs(value)); }

// Capacities and lists apart that the knapsack of the listing does not keep.
bool keeps_all(const Prepared& part, int bin, const std::vector<int>& items) {
  for (const Prepared::Dimension& dimension : part.dimensions) {
    double used = 0;
    for (const int item : items) used += dimension.size.at(z(bin), z(item));
    if (used > dimension.capacity[z(bin)]) return false;
  }
  return std::none_of(items.begin(), items.end(), [&](int item) {
    return std::any_of(items.begin(), items.end(), [&](int other) {
      return std::binary_search(part.apart[z(item)].begin(), part.apart[z(item)].end(), other);
    });
  });
}

}  // namespace

FillingWorker::FillingWorker(const Prepared& prepared, std::uint64_t seed)
    : prepared_(prepared),
      fits_(can_list(prepared)),
      random_(seed, 0xf111),
      lagrangian_(prepared),
      open_(prepared),
      size_(std::min<double>(first_bins, prepared.bins)) {}

// Takes the prices of the bound, and the best plan where it is better than the present one.
void FillingWorker::renew(Context& context) {
  const Proof& proof = context.proof();
  const bool known = proof.item_price.size() == z(prepared_.items);
  if (!priced_ || (known && proof.item_price != prices_.item)) {
    if (known) {
      prices_.item = proof.item_price;
    } else {
      prices_ = lagrangian_.first_prices();
    }
    priced_ = true;
    lagrangian_.evaluate(open_, prices_);
    context.meter().add_work(lagrangian_.take_work());
    spread_ = 0;
    std::vector<double> order;
    for (int item = 0; item < prepared_.items; ++item) {
      order.clear();
      for (int bin = 0; bin < prepared_.bins; ++bin) {
        if (prepared_.can(bin, item)) order.push_back(-lagrangian_.reduced(bin, item));
      }
      std::sort(order.begin(), order.end());
      spread_ += order[std::min<std::size_t>(order.size() - 1, 5)] - order.front();
    }
    spread_ = std::max(spread_ / prepared_.items, 1e-9);
  }
  if (plan_.empty() || *context.objective() < cost_ - rounding(cost_)) {
    plan_ = context.best_bins();
    cost_ = cost_of(prepared_, plan_);
  }
}

// What every bin loses against its best filling.
void FillingWorker::weigh() {
  loss_.assign(z(prepared_.bins), 0.0);
  for (int bin = 0; bin < prepared_.bins; ++bin) loss_[z(bin)] = lagrangian_.worth(bin);
  for (int item = 0; item < prepared_.items; ++item) {
    const int bin = plan_[z(item)];
    loss_[z(bin)] -= prices_.item[z(item)] - prepared_.cost.at(z(bin), z(item));
  }
}

// A bin that loses much, then bins that are good for an item of those chosen so far, or lose much themselves.
std::vector<int> FillingWorker::choose_bins(int wanted) {
  weigh();
  const double mean = std::max(0.0, std::accumulate(loss_.begin(), loss_.end(), 0.0)) / prepared_.bins;
  std::vector<int> bins;
  std::vector<std::uint8_t> chosen(z(prepared_.bins), 0);
  std::vector<std::vector<int>> content(z(prepared_.bins));
  for (int item = 0; item < prepared_.items; ++item) content[z(plan_[z(item)])].push_back(item);
  while (static_cast<int>(bins.size()) < wanted) {
    int item = -1;
    if (!bins.empty()) {
      const std::vector<int>& items = content[z(bins[random_.below(bins.size())])];
      if (!items.empty()) item = items[random_.below(items.size())];
    }
    int next = -1;
    double most = -std::numeric_limits<double>::infinity();
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      if (chosen[z(bin)] != 0) continue;
      double value = random_.uniform() * (1.2 * mean + loss_[z(bin)] + 1e-9);
      if (item >= 0) {
        const double good = prepared_.can(bin, item) ? lagrangian_.reduced(bin, item) : -1e3 * spread_;
        value = good + 0.3 * loss_[z(bin)] - spread_ * random_.uniform();
      }
      if (value <= most) continue;
      most = value;
      next = bin;
    }
    chosen[z(next)] = 1;
    bins.push_back(next);
  }
  std::sort(bins.begin(), bins.end());
  return bins;
}

// Raises the bound of the region from the prices of the whole; ends where it is more than `enough`.
double FillingWorker::ascend(const Prepared& part, double now, double enough, Lagrangian::Prices& prices,
                             std::uint64_t& work) {
  constexpr int patience = 5;
  Lagrangian lagrangian(part);
  const OpenPairs open(part);
  Lagrangian::Prices next = prices;
  double best = -std::numeric_limits<double>::infinity();
  double scale = 1;
  int idle = 0;
  for (int step = 0; step < ascent_steps && best <= enough; ++step) {
    const double value = lagrangian.evaluate(open, next);
    if (value > best) {
      idle = value > best + 1e-7 * std::max(1.0, std::abs(value)) ? 0 : idle + 1;
      best = value;
      prices = next;
    } else if (++idle >= patience) {
      idle = 0;
      scale /= 2;
      next = prices;
      lagrangian.forget_direction();
    }
    lagrangian.step(open, next, value, std::max(now, value + rounding(value)), scale);
  }
  work += lagrangian.take_work();
  return best;
}

// The fillings of every bin that lose no more than the budget; false where there are too many.
bool FillingWorker::list(const Prepared& part, const Lagrangian::Prices& prices, double budget, std::uint64_t& work) {
  const Matrix<double> weight = tightest_dimensions(part);
  const bool further = part.dimensions.size() > 1 || part.has_apart();
  bool complete = true;
  std::vector<Offer> offers;
  std::vector<int> items;
  lists_.resize(z(part.bins));
  for (int bin = 0; bin < part.bins; ++bin) {
    std::size_t kept = 0;
    while (!weight.empty() && weight.at(z(bin), kept) == 0) ++kept;
    const Prepared::Dimension& dimension = part.dimensions[kept];
    offers.clear();
    for (int item = 0; item < part.items; ++item) {
      const double profit = prices.item[z(item)] - part.cost.at(z(bin), z(item));
      if (profit < -budget || !part.can(bin, item)) continue;
      offers.push_back({profit, dimension.size.at(z(bin), z(item)), bit_[z(item)]});
    }
    std::vector<Filling>& list = lists_[z(bin)];
    complete = fillings_.list(offers, dimension.capacity[z(bin)], budget, most_fillings, list, work) && complete;
    if (!further) continue;
    std::erase_if(list, [&](const Filling& filling) {
      items.clear();
      for (int item = 0; item < part.items; ++item) {
        if (filling.items.has(bit_[z(item)])) items.push_back(item);
      }
      return !keeps_all(part, bin, items);
    });
  }
  return complete;
}

// Another plan of the region that costs no more, or nothing. True where everything has been tried.
bool FillingWorker::solve(const Region& region, std::vector<int>& better, std::uint64_t& work) {
  better.clear();
  const Prepared part(region.instance);
  double now = 0;
  Lagrangian::Prices prices;
  std::vector<ItemSet> standing(region.bins.size());
  ItemSet all;
  bit_.resize(region.items.size());
  std::iota(bit_.begin(), bit_.end(), 0);
  for (std::size_t i = bit_.size(); i-- > 1;) std::swap(bit_[i], bit_[random_.below(i + 1)]);
  for (std::size_t i = 0; i < region.items.size(); ++i) {
    now += part.cost.at(z(region.now[i]), i);
    prices.item.push_back(prices_.item[z(region.items[i])]);
    standing[z(region.now[i])].add(bit_[i]);
    all.add(bit_[i]);
  }
  const double most = now + rounding(now);
  const double bound = ascend(part, now, most, prices, work);
  if (bound > most) return true;
  const bool complete = list(part, prices, most - bound, work);
  const double step = std::max(0.5 * prepared_.step, rounding(now));
  const auto outcome = cover_.solve(lists_, all, standing, most - bound, step, most_nodes, work);
  if (outcome == FillingCover::Outcome::found) {
    better.assign(region.items.size(), 0);
    for (std::size_t i = 0; i < better.size(); ++i) {
      while (!cover_.chosen()[z(better[i])].has(bit_[i])) ++better[i];
    }
  }
  return complete && cover_.complete();
}

void FillingWorker::improve(Context& context) {
  const int wanted = static_cast<int>(size_ + random_.uniform());
  const Region region = region_of(prepared_, plan_, choose_bins(std::min(wanted, prepared_.bins)));
  std::uint64_t work = 2 * z(prepared_.items) + 4 * region.items.size() * region.bins.size() + 1000;
  bool complete = false;
  std::vector<int> better;
  if (region.items.size() <= z(ItemSet::most_items)) complete = solve(region, better, work);
  context.meter().add_work(work);
  size_ = std::clamp(size_ * (complete ? 1.02 : 0.95), least_bins, static_cast<double>(prepared_.bins));
  if (better.empty()) return;
  region.put(better, plan_);
  cost_ = cost_of(prepared_, plan_);
  context.offer_bins(plan_);
}

void FillingWorker::turn(Context& context, std::uint64_t work) {
  const std::uint64_t end = context.meter().work() + work;
  if (!fits_ || !context.best()) return;
  renew(context);
  while (context.meter().work() < end && !context.should_stop()) improve(context);
}

}  // namespace plimsoll::assignment
