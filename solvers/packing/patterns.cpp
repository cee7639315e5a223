#include "solvers/packing/patterns.hpp"

#include <algorithm>

namespace plimsoll::solvers::packing {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

// Depth-first over types in descending order of size.
template <int words>
class Listing {
 public:
  Listing(std::span<const Size> sizes, int bins, Size height, const Prices& prices, std::size_t most, Effort& effort)
      : height_(height), most_(most), effort_(effort) {
    const Prices area = area_prices(sizes, height);
    patterns_.slack = {area.slack(bins), prices.slack(bins)};
    least_worth_ = prices.most - patterns_.slack[1];
    most_worth_ = prices.most;
    for (std::size_t item = 0; item < sizes.size(); ++item) {
      if (item == 0 || sizes[item] != sizes[item - 1]) {
        patterns_.size.push_back(sizes[item]);
        patterns_.first.push_back(static_cast<int>(item));
        worth_.push_back(prices.worth[item]);
      }
      patterns_.type_of.push_back(static_cast<int>(patterns_.size.size()) - 1);
    }
    patterns_.first.push_back(static_cast<int>(sizes.size()));
    const std::size_t types = patterns_.size.size();
    patterns_.list.resize(types);
    rest_.assign(types + 1, 0);
    density_.assign(types + 1, 0);
    for (std::size_t type = types; type-- > 0;) {
      rest_[type] = rest_[type + 1] + count(type) * patterns_.size[type];
      density_[type] =
          std::max(density_[type + 1], static_cast<double>(worth_[type]) / static_cast<double>(patterns_.size[type]));
    }
  }

  std::optional<Patterns<words>> run() {
    if (patterns_.slack[0] < 0 || patterns_.slack[1] < 0) return std::move(patterns_);
    for (std::size_t type = 0; type < patterns_.size.size(); ++type) {
      largest_ = type;
      if (!take(type, height_, 0)) return std::nullopt;
    }
    return std::move(patterns_);
  }

 private:
  [[nodiscard]] Size count(std::size_t type) const { return patterns_.first[type + 1] - patterns_.first[type]; }

  // One item of the type or more, then smaller ones. False where the list would be too long.
  bool take(std::size_t type, Size room, Size worth) {
    const int first = patterns_.first[type];
    for (Size k = 1; k <= count(type) && k * patterns_.size[type] <= room; ++k) {
      const auto position = z(first) + static_cast<std::size_t>(k) - 1;
      needs_[position / 64] ^= std::uint64_t{1} << (position % 64);
      const bool ended = extend(type + 1, room - k * patterns_.size[type], worth + k * worth_[type]);
      needs_[position / 64] ^= std::uint64_t{1} << (position % 64);
      if (!ended) return false;
    }
    return true;
  }

  bool extend(std::size_t type, Size room, Size worth) {
    if (room <= patterns_.slack[0] && worth >= least_worth_) {
      patterns_.list[largest_].push_back({needs_, {room, most_worth_ - worth}});
      if (++patterns_.count > most_) return false;
    }
    for (; type < patterns_.size.size(); ++type) {
      if (!effort_.spend(1)) return false;
      if (room - rest_[type] > patterns_.slack[0]) return true;
      const double reach = density_[type] * static_cast<double>(room) * (1 + 1e-9) + 1;
      if (static_cast<double>(worth) + reach < static_cast<double>(least_worth_)) return true;
      if (patterns_.size[type] <= room && !take(type, room, worth)) return false;
    }
    return true;
  }

  Size height_;
  std::size_t most_;
  Effort& effort_;
  Size least_worth_ = 0;
  Size most_worth_ = 0;
  std::vector<Size> worth_;      // [types]
  std::vector<Size> rest_;       // [types + 1] the sum of the sizes from here on
  std::vector<double> density_;  // [types + 1] the most worth per size from here on
  std::size_t largest_ = 0;
  Bits<words> needs_{};
  Patterns<words> patterns_;
};

}  // namespace

template <int words>
std::optional<Patterns<words>> list_patterns(std::span<const Size> sizes, int bins, Size height, const Prices& prices,
                                             std::size_t most, Effort& effort) {
  return Listing<words>(sizes, bins, height, prices, most, effort).run();
}

template std::optional<Patterns<1>> list_patterns(std::span<const Size>, int, Size, const Prices&, std::size_t,
                                                  Effort&);
template std::optional<Patterns<4>> list_patterns(std::span<const Size>, int, Size, const Prices&, std::size_t,
                                                  Effort&);

}  // namespace plimsoll::solvers::packing
