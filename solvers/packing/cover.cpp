#include "solvers/packing/cover.hpp"

#include <algorithm>
#include <bit>

#include "solvers/packing/patterns.hpp"

namespace plimsoll::solvers::packing {
namespace {

constexpr std::size_t most_patterns = 2'000'000;

std::size_t z(int index) { return static_cast<std::size_t>(index); }

template <int words>
class Search final : public Cover {
 public:
  Search(Patterns<words> patterns, int bins, Size height)
      : patterns_(std::move(patterns)), bins_(bins), height_(height), nodes_(z(bins) + 1) {
    const std::size_t items = patterns_.type_of.size();
    for (std::size_t item = 0; item < items; ++item) nodes_[0].left[item / 64] |= std::uint64_t{1} << (item % 64);
    for (const auto& list : patterns_.list) {
      counts_.push_back(patterns_.first[counts_.size() + 1] - patterns_.first[counts_.size()]);
      nodes_[0].fits.emplace_back(list.size());
      for (std::size_t k = 0; k < list.size(); ++k) nodes_[0].fits.back()[k] = static_cast<std::uint32_t>(k);
    }
    while (large_ < patterns_.size.size() && 2 * patterns_.size[large_] > height) ++large_;
    for (Node& node : nodes_) {
      node.fits.resize(patterns_.size.size());
      node.known.assign(patterns_.size.size(), 0);
    }
    nodes_[0].known.assign(patterns_.size.size(), 1);
    nodes_[0].slack = patterns_.slack;
    if (nodes_[0].slack[0] < 0 || nodes_[0].slack[1] < 0) impossible_ = true;
    for (auto& list : patterns_.list) {
      std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return size_of(a) < size_of(b); });
    }
  }

  Decision run(Effort& effort) override {
    if (impossible_) return Decision::impossible;
    if (!begun_) {
      begun_ = true;
      if (!enter(0, effort)) depth_ = -1;
    }
    while (depth_ >= 0) {
      if (effort.over()) return Decision::open;
      Node& node = nodes_[z(depth_)];
      if (node.type < 0) return packed();
      const std::vector<std::uint32_t>& candidates = node.fits[z(node.type)];
      if (depth_ == bins_ || node.next == candidates.size()) {
        --depth_;
        continue;
      }
      node.chosen = candidates[node.next++];
      const Pattern<words>& pattern = patterns_.list[z(node.type)][node.chosen];
      effort.spend(4);
      if (!choose(node, nodes_[z(depth_) + 1], pattern)) continue;
      if (enter(depth_ + 1, effort)) ++depth_;
    }
    impossible_ = true;
    return Decision::impossible;
  }

  [[nodiscard]] const std::vector<int>& bin_of() const override { return bin_of_; }

 private:
  struct Node {
    Bits<words> left{};  // the items that are in no bin yet, in unary
    std::array<Size, price_kinds> slack{};
    int type = -1;  // the largest that is left; -1: none
    std::size_t next = 0;
    std::uint32_t chosen = 0;
    std::vector<std::vector<std::uint32_t>> fits;  // [types] patterns that fit what is left, where known
    std::vector<std::uint8_t> known;               // [types]
  };

  static int size_of(const Pattern<words>& pattern) {
    int size = 0;
    for (const std::uint64_t word : pattern.needs) size += std::popcount(word);
    return size;
  }
  static bool fits(const Node& node, const Pattern<words>& pattern) {
    for (int word = 0; word < words; ++word) {
      if ((pattern.needs[z(word)] & ~node.left[z(word)]) != 0) return false;
    }
    return pattern.short_of[0] <= node.slack[0] && pattern.short_of[1] <= node.slack[1];
  }
  static int lowest(const Bits<words>& bits) {
    for (int word = 0; word < words; ++word) {
      if (bits[z(word)] != 0) return 64 * word + std::countr_zero(bits[z(word)]);
    }
    return -1;
  }
  // The last position below `end` that is held; -1: none.
  static int last_before(const Bits<words>& bits, int end) {
    int word = end / 64;
    if (word < words) {
      const std::uint64_t part = bits[z(word)] & ((std::uint64_t{1} << (end % 64)) - 1);
      if (part != 0) return 64 * word + 63 - std::countl_zero(part);
    }
    while (--word >= 0) {
      if (bits[z(word)] != 0) return 64 * word + 63 - std::countl_zero(bits[z(word)]);
    }
    return -1;
  }
  [[nodiscard]] int held(const Bits<words>& bits, int type) const {
    const int end = patterns_.first[z(type) + 1];
    const int last = last_before(bits, end);
    return std::max(0, last + 1 - patterns_.first[z(type)]);
  }

  template <class Visit>  // Visit(type, number of items)
  void for_each_type(const Pattern<words>& pattern, Visit visit) const {
    for (int word = 0; word < words; ++word) {
      for (std::uint64_t bits = pattern.needs[z(word)]; bits != 0; bits &= bits - 1) {
        const int position = 64 * word + std::countr_zero(bits);
        const int type = patterns_.type_of[z(position)];
        visit(type, position + 1 - patterns_.first[z(type)]);
      }
    }
  }

  // What is left after the choice. False where another choice is at least as good.
  bool choose(const Node& node, Node& child, const Pattern<words>& pattern) const {
    child.left = node.left;
    for_each_type(pattern, [&](int type, int number) {
      const int end = patterns_.first[z(type)] + held(node.left, type);
      for (int position = end - number; position < end; ++position) {
        child.left[z(position / 64)] &= ~(std::uint64_t{1} << (position % 64));
      }
    });
    child.slack = {node.slack[0] - pattern.short_of[0], node.slack[1] - pattern.short_of[1]};
    const int smallest = last_before(child.left, 64 * words);
    if (smallest < 0) return true;
    if (patterns_.size[z(patterns_.type_of[z(smallest)])] <= pattern.room()) return false;
    bool exchange = false;
    for_each_type(pattern, [&](int type, int) {
      const int larger = last_before(child.left, patterns_.first[z(type)]);
      exchange = exchange || (larger >= 0 && patterns_.size[z(patterns_.type_of[z(larger)])] <=
                                                 patterns_.size[z(type)] + pattern.room());
    });
    return !exchange;
  }

  void know(int depth, int type, Effort& effort) {
    Node& node = nodes_[z(depth)];
    if (node.known[z(type)] != 0) return;
    know(depth - 1, type, effort);
    std::vector<std::uint32_t>& list = node.fits[z(type)];
    const std::vector<std::uint32_t>& above = nodes_[z(depth) - 1].fits[z(type)];
    list.clear();
    for (const std::uint32_t index : above) {
      if (fits(node, patterns_.list[z(type)][index])) list.push_back(index);
    }
    effort.spend(above.size());
    node.known[z(type)] = 1;
  }

  // Prepares the node for its children; false where it has none.
  bool enter(int depth, Effort& effort) {
    Node& node = nodes_[z(depth)];
    node.next = 0;
    if (depth > 0) std::fill(node.known.begin(), node.known.end(), 0);
    const int first = lowest(node.left);
    node.type = first < 0 ? -1 : patterns_.type_of[z(first)];
    if (node.type < 0) return true;
    if (depth == bins_) return false;
    know(depth, node.type, effort);
    return !node.fits[z(node.type)].empty() && large_fit(depth, effort);
  }

  bool large_fit(int depth, Effort& effort) {
    Node& node = nodes_[z(depth)];
    std::array<Size, price_kinds> least{};
    int bins = bins_ - depth;
    for (std::size_t type = z(node.type); type < large_; ++type) {
      const int number = held(node.left, static_cast<int>(type));
      if (number == 0) continue;
      bins -= number;
      know(depth, static_cast<int>(type), effort);
      const std::vector<std::uint32_t>& list = node.fits[type];
      if (list.empty() || bins < 0) return false;
      std::array<Size, price_kinds> cheapest = node.slack;
      for (const std::uint32_t index : list) {
        const Pattern<words>& pattern = patterns_.list[type][index];
        for (std::size_t kind = 0; kind < price_kinds; ++kind) {
          cheapest[kind] = std::min(cheapest[kind], pattern.short_of[kind]);
        }
      }
      effort.spend(list.size());
      for (std::size_t kind = 0; kind < price_kinds; ++kind) {
        least[kind] += number * cheapest[kind];
        if (least[kind] > node.slack[kind]) return false;
      }
    }
    return true;
  }

  Decision packed() {
    bin_of_.assign(patterns_.type_of.size(), 0);
    std::vector<int> left = counts_;
    for (int depth = 0; depth < depth_; ++depth) {
      const Node& node = nodes_[z(depth)];
      for_each_type(patterns_.list[z(node.type)][node.chosen], [&](int type, int number) {
        for (; number > 0; --number) bin_of_[z(patterns_.first[z(type)] + --left[z(type)])] = depth;
      });
    }
    return Decision::packed;
  }

  Patterns<words> patterns_;
  int bins_;
  Size height_;
  std::vector<Node> nodes_;  // [depth] how many bins are filled
  std::vector<int> counts_;  // [types]
  std::size_t large_ = 0;    // types of more than half of the height
  int depth_ = 0;
  bool begun_ = false;
  bool impossible_ = false;
  std::vector<int> bin_of_;
};

template <int words>
std::unique_ptr<Cover> search(std::span<const Size> sizes, int bins, Size height, const Prices& prices,
                              Effort& effort) {
  auto patterns = list_patterns<words>(sizes, bins, height, prices, most_patterns, effort);
  if (!patterns) return nullptr;
  return std::make_unique<Search<words>>(std::move(*patterns), bins, height);
}

}  // namespace

std::unique_ptr<Cover> exact_cover(std::span<const Size> sizes, int bins, Size height, const Prices& prices,
                                   Effort& effort) {
  if (sizes.size() <= 64) return search<1>(sizes, bins, height, prices, effort);
  if (sizes.size() <= 256) return search<4>(sizes, bins, height, prices, effort);
  return nullptr;
}

}  // namespace plimsoll::solvers::packing
