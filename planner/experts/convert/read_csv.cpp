// Loads in a CSV file: a row per (layer, expert), or a row per layer with a column per expert; rows of the same place
// are summed. A file of `convert --to csv` is read back as a placement.
#include <algorithm>
#include <map>
#include <set>

#include "planner/experts/convert/csv_columns.hpp"
#include "planner/experts/convert/foreign.hpp"
#include "plimsoll/error.hpp"
#include "support/csv.hpp"
#include "support/text.hpp"

namespace plimsoll::experts {
namespace {

constexpr std::int64_t most_number = 1'000'000'000;  // of a layer or a step
constexpr std::size_t most_listed = 50;              // different values of a column that are remembered

using Place = std::pair<std::int64_t, std::int64_t>;  // layer, then expert or slot

class Table {
 public:
  Table(std::string_view text, const ConvertOptions& options) : reader_(text), steps_(options.steps()) {
    if (!reader_.next(row_)) throw Error(ErrorCode::input, "expected a header and rows, got an empty file");
    header_ = row_;
    columns_ = find_columns(header_, options);
  }

  Foreign run() {
    while (reader_.next(row_)) {
      if (row_.size() != header_.size()) {
        reader_.fail("expected " + std::to_string(header_.size()) + " fields as in the header, got " +
                     std::to_string(row_.size()));
      }
      ++rows_;
      if (!selected()) continue;
      ++taken_;
      for (const std::size_t column : columns_.others) remember(column);
      if (columns_.step) remember(*columns_.step);
      if (columns_.is_placement()) {
        take_slot();
      } else {
        take_loads();
      }
    }
    if (taken_ == 0) refuse_nothing();
    return columns_.is_placement() ? placement() : loads();
  }

 private:
  [[nodiscard]] std::string name(std::size_t column) const { return support::in_quotes(trimmed(header_[column]), 30); }

  std::int64_t whole(std::size_t column, std::int64_t least, std::int64_t most) const {
    const std::optional<std::int64_t> number = whole_number_of(trimmed(row_[column]));
    if (number && *number >= least && *number <= most) return *number;
    reader_.fail(name(column) + ": expected a whole number from " + std::to_string(least) + " to " +
                 std::to_string(most) + ", got " + support::in_quotes(row_[column]));
  }

  double tokens(std::size_t column) const {
    const std::optional<double> number = number_of(trimmed(row_[column]));
    if (number && *number >= 0 && *number <= most_foreign_tokens) return *number;
    reader_.fail(name(column) + ": expected a number of tokens from 0 to 1e15, got " +
                 support::in_quotes(row_[column]));
  }

  void remember(std::size_t column) {
    std::set<std::string>& values = seen_[column];
    if (values.size() < most_listed) values.insert(std::string(trimmed(row_[column])));
  }

  bool selected() {
    bool all = true;
    for (const auto& [column, values] : columns_.conditions) {
      remember(column);
      all = all && std::find(values.begin(), values.end(), trimmed(row_[column])) != values.end();
    }
    return all && (!steps_ || steps_->contains(whole(*columns_.step, 0, most_number)));
  }

  void take_loads() {
    const std::int64_t layer = whole(*columns_.layer, 0, most_number);
    layers_.insert(layer);
    if (!columns_.is_wide()) {
      add({layer, whole(*columns_.expert, 0, most_foreign_experts - 1)}, tokens(*columns_.count));
      return;
    }
    for (const auto& [column, expert] : columns_.experts) add({layer, expert}, tokens(column));
  }

  void add(const Place& place, double tokens) {
    double& sum = sums_[place];
    sum += tokens;
    last_ = std::max(last_, place.second);
    if (sum <= most_foreign_tokens) return;
    reader_.fail("the tokens of layer " + std::to_string(place.first) + ", expert " + std::to_string(place.second) +
                 " sum to more than 1e15");
  }

  void take_slot() {
    const std::int64_t layer = whole(*columns_.layer, 0, most_number);
    const std::int64_t slot = whole(*columns_.slot, 0, most_foreign_cells - 1);
    const std::int64_t expert = whole(*columns_.expert, -1, most_foreign_experts - 1);
    layers_.insert(layer);
    last_ = std::max(last_, slot);
    if (!experts_.emplace(Place{layer, slot}, expert).second) {
      reader_.fail("slot " + std::to_string(slot) + " of layer " + std::to_string(layer) + " stands here twice");
    }
    if (!columns_.device) return;
    const std::int64_t device = whole(*columns_.device, 0, 999'999);
    const auto [known, added] = device_of_slot_.emplace(slot, device);
    if (!added && known->second != device) {
      reader_.fail("slot " + std::to_string(slot) + " is on device " + std::to_string(device) + ", before it was on " +
                   std::to_string(known->second));
    }
  }

  [[noreturn]] void refuse_nothing() const {
    if (rows_ == 0) throw Error(ErrorCode::input, "the file holds a header and no rows");
    for (const auto& [column, wanted] : columns_.conditions) {
      const std::set<std::string>& values = seen_.at(column);
      for (const std::string& value : wanted) {
        if (values.contains(value) || values.size() == most_listed) continue;
        std::string list;
        for (const std::string& known : values) list += (list.empty() ? "" : ", ") + support::in_quotes(known, 30);
        const std::string guess = support::nearest(value, {values.begin(), values.end()});
        throw Error(
            ErrorCode::input,
            "no row has " + support::in_quotes(value) + " in the column " + name(column) + "; there are " + list, {},
            guess.empty() ? "" : "Maybe '" + guess + "' was meant.");
      }
    }
    throw Error(ErrorCode::input, "none of the " + std::to_string(rows_) + " rows is selected", {},
                steps_ ? "Maybe other steps are meant: see --step and --steps." : "Maybe --where asks too much.");
  }

  [[nodiscard]] std::size_t row_of(std::int64_t layer) const {
    return static_cast<std::size_t>(std::lower_bound(numbers_.begin(), numbers_.end(), layer) - numbers_.begin());
  }

  Foreign started(const std::string& what) {
    numbers_.assign(layers_.begin(), layers_.end());
    check_foreign_size(what, numbers_.size(), static_cast<std::size_t>(last_) + 1);
    Foreign foreign;
    foreign.layers = numbers_;
    return foreign;
  }

  Foreign loads() {
    Foreign foreign = started("the table of layers and experts");
    foreign.load = Matrix<double>(numbers_.size(), static_cast<std::size_t>(last_) + 1, 0.0);
    for (const auto& [place, sum] : sums_)
      foreign.load->at(row_of(place.first), static_cast<std::size_t>(place.second)) = sum;
    foreign.more_experts = !columns_.is_wide();
    note_sums(foreign);
    return foreign;
  }

  // Mixing models or days is easily done and hard to see later.
  void note_sums(Foreign& foreign) const {
    std::string list;
    const auto add = [&](std::size_t column) {
      const auto found = seen_.find(column);
      if (found == seen_.end() || found->second.size() < 2) return;
      list += (list.empty() ? "" : ", ") + name(column) + " (" + std::to_string(found->second.size()) +
              (found->second.size() == most_listed ? " or more" : "") + " values)";
    };
    for (const std::size_t column : columns_.others) add(column);
    if (!list.empty()) foreign.notes.push_back("loads are summed over " + list + "; --where COLUMN=VALUE chooses");
    list.clear();
    if (columns_.step) add(*columns_.step);
    if (!list.empty()) foreign.notes.push_back("loads are summed over the steps " + list + "; --steps A:B chooses");
  }

  Foreign placement() {
    Foreign foreign = started("the table of layers and slots");
    foreign.placement = Matrix<int>(numbers_.size(), static_cast<std::size_t>(last_) + 1, -1);
    for (const auto& [place, expert] : experts_) {
      foreign.placement->at(row_of(place.first), static_cast<std::size_t>(place.second)) = static_cast<int>(expert);
    }
    // Slots are counted device by device, so the devices of ascending slots never fall.
    std::int64_t before = 0;
    for (const auto& [slot, device] : device_of_slot_) {
      if (device < before) {
        throw Error(ErrorCode::input,
                    "slot " + std::to_string(slot) + " is on device " + std::to_string(device) +
                        ", an earlier slot on device " + std::to_string(before),
                    {}, "Maybe count the slots device by device.");
      }
      before = device;
      foreign.slots.resize(static_cast<std::size_t>(device) + 1, 0);
      ++foreign.slots.back();
    }
    // Slots that no row names have no device that is known.
    if (device_of_slot_.size() != static_cast<std::size_t>(last_) + 1) foreign.slots.clear();
    return foreign;
  }

  support::CsvReader reader_;
  std::optional<Steps> steps_;
  std::vector<std::string> row_;
  std::vector<std::string> header_;
  CsvColumns columns_;
  std::size_t rows_ = 0;
  std::size_t taken_ = 0;
  std::set<std::int64_t> layers_;
  std::vector<std::int64_t> numbers_;  // of the layers, once all are known
  std::int64_t last_ = 0;              // the largest expert or slot
  std::map<Place, double> sums_;
  std::map<Place, std::int64_t> experts_;
  std::map<std::int64_t, std::int64_t> device_of_slot_;
  std::map<std::size_t, std::set<std::string>> seen_;  // by column
};

}  // namespace

Foreign read_csv(std::string_view text, const ConvertOptions& options) { return Table(text, options).run(); }

}  // namespace plimsoll::experts
