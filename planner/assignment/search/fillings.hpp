// Every way to fill one bin that is worth nearly as much as the best one: at good prices of the items a plan of cost z
// fills each bin with a set that falls short of the bin's best by no more than z less the Lagrangian bound, and where
// bins hold few items such sets are few. Dynamic programming over items and room tells at every step of the listing
// what can still be reached, so that no step is in vain.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "planner/assignment/bounds/fill.hpp"

namespace plimsoll::assignment {

// Some of at most 128 items.
struct ItemSet {
  static constexpr int most_items = 128;
  std::array<std::uint64_t, 2> words{0, 0};

  void add(int item) { words[static_cast<std::size_t>(item) / 64] |= std::uint64_t{1} << (item % 64); }
  [[nodiscard]] bool has(int item) const {
    return (words[static_cast<std::size_t>(item) / 64] >> (item % 64) & 1) != 0;
  }
  [[nodiscard]] bool empty() const { return (words[0] | words[1]) == 0; }
  friend ItemSet operator&(ItemSet a, ItemSet b) { return {{a.words[0] & b.words[0], a.words[1] & b.words[1]}}; }
  friend ItemSet operator|(ItemSet a, ItemSet b) { return {{a.words[0] | b.words[0], a.words[1] | b.words[1]}}; }
  friend ItemSet operator~(ItemSet a) { return {{~a.words[0], ~a.words[1]}}; }
  friend bool operator==(const ItemSet& a, const ItemSet& b) = default;
};

struct Filling {
  double loss = 0;  // what it is worth less than the best one
  ItemSet items;
};

class Fillings {
 public:
  // Writes the sets of offers (items below 128, profits of any sign, whole sizes) that fit into the room and lose no
  // more than `budget` into `fillings`, least loss first. Where they are more than `most`, those that lose least among
  // what was seen stay, and the answer is false; as where they take too long to list.
  bool list(const std::vector<Offer>& offers, double room, double budget, std::size_t most,
            std::vector<Filling>& fillings, std::uint64_t& work);

 private:
  void tabulate(const std::vector<Offer>& offers, double room);
  void extend(std::size_t first, std::size_t room, double worth, ItemSet items);
  void trim();

  std::vector<double> profit_;
  std::vector<std::size_t> size_;
  std::vector<int> item_;
  std::size_t width_ = 1;      // of a row: the room and one
  std::vector<double> worth_;  // [offers + 1][width] the most that the offers from here on are worth
  double best_ = 0;
  double least_ = 0;  // what a filling has to be worth
  std::size_t most_ = 0;
  bool complete_ = true;
  std::vector<Filling>* fillings_ = nullptr;
  std::uint64_t steps_ = 0;
};

}  // namespace plimsoll::assignment
