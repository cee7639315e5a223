// One sequence through the attention half of a layer, token by token in f64 and by plain loops. Weights are rounded to
// the number type, nothing else is: what the layer rounds on its way is within the tolerance of the test.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "executor/attention/attention_layer.hpp"
#include "executor/kernels/bfloat16.hpp"

namespace plimsoll::executor {

using Row = std::vector<double>;

class LayerOracle {
 public:
  LayerOracle(const AttentionLayerShape& shape, std::uint64_t seed) : shape_(shape), of_(shape.attention) {
    const int index = of_.index_size > 0 ? (of_.groups + 1) * of_.index_size : 0;
    in_ = weights((of_.query_heads + 2 * of_.groups) * of_.head_size + index, shape.width, seed);
    out_ = weights(shape.width, of_.query_heads * of_.head_size, seed + 1);
  }

  struct Result {
    Row update;                                            // what the layer adds to the hidden row
    std::vector<std::vector<int>> kept;                    // blocks per group, ascending; empty where dense
    double gap = std::numeric_limits<double>::infinity();  // between the last score kept and the first one left out
  };

  Result token(const Row& hidden) {
    const Row projected = product(in_, normed(hidden));
    int at = 0;
    const auto heads = [&](int count, int size, bool turned) {
      std::vector<Row> result;
      for (int head = 0; head < count; ++head, at += size) {
        Row row(projected.begin() + at, projected.begin() + at + size);
        if (turned && shape_.query_key_norm) row = normed(row);
        if (turned && shape_.rotary) row = rotated(row);
        result.push_back(std::move(row));
      }
      return result;
    };
    const std::vector<Row> queries = heads(of_.query_heads, of_.head_size, true);
    keys_.push_back(heads(of_.groups, of_.head_size, true));
    values_.push_back(heads(of_.groups, of_.head_size, false));
    std::vector<Row> index_queries;
    if (of_.index_size > 0) {
      index_queries = heads(of_.groups, of_.index_size, true);
      index_keys_.push_back(heads(1, of_.index_size, true)[0]);
    }

    Result result;
    if (shape_.sparse) {
      for (const Row& query : index_queries) result.kept.push_back(select(query, result.gap));
    }
    Row outputs;
    for (int head = 0; head < of_.query_heads; ++head) {
      const int group = head / of_.heads_per_group();
      const Row row = attend(queries[static_cast<std::size_t>(head)], static_cast<std::size_t>(group),
                             shape_.sparse ? &result.kept[static_cast<std::size_t>(group)] : nullptr);
      outputs.insert(outputs.end(), row.begin(), row.end());
    }
    result.update = product(out_, outputs);
    ++position_;
    return result;
  }

 private:
  [[nodiscard]] std::vector<Row> weights(int outputs, int inputs, std::uint64_t seed) const {
    std::vector<Row> result;
    std::vector<float> row(static_cast<std::size_t>(inputs));
    for (int output = 0; output < outputs; ++output) {
      Projection::random_row(seed, output, row);
      Row exact;
      for (const float w : row) exact.push_back(of_.type == NumberType::bf16 ? to_float(to_bfloat16(w)) : w);
      result.push_back(std::move(exact));
    }
    return result;
  }

  static double dot(const Row& a, const Row& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

  static Row product(const std::vector<Row>& matrix, const Row& vector) {
    Row result;
    for (const Row& row : matrix) result.push_back(dot(row, vector));
    return result;
  }

  [[nodiscard]] Row normed(Row row) const {
    const double scale =
        1 / std::sqrt(dot(row, row) / static_cast<double>(row.size()) + static_cast<double>(shape_.epsilon));
    for (double& number : row) number *= scale;
    return row;
  }

  [[nodiscard]] Row rotated(const Row& row) const {
    const std::size_t half = row.size() / 2;
    Row result(row);
    for (std::size_t d = 0; d < half; ++d) {
      const double angle =
          position_ * std::pow(shape_.rotary_base, -2.0 * static_cast<double>(d) / static_cast<double>(row.size()));
      result[d] = row[d] * std::cos(angle) - row[d + half] * std::sin(angle);
      result[d + half] = row[d + half] * std::cos(angle) + row[d] * std::sin(angle);
    }
    return result;
  }

  [[nodiscard]] std::vector<int> select(const Row& query, double& gap) const {
    const int local = (static_cast<int>(keys_.size()) - 1) / block_keys;
    std::vector<double> scores(static_cast<std::size_t>(local), -std::numeric_limits<double>::infinity());
    for (std::size_t key = 0; key < scores.size() * block_keys; ++key) {
      scores[key / block_keys] = std::max(scores[key / block_keys], dot(query, index_keys_[key]));
    }
    std::vector<int> order(static_cast<std::size_t>(local));
    std::iota(order.begin(), order.end(), 0);
    const auto score = [&](int block) { return scores[static_cast<std::size_t>(block)]; };
    std::sort(order.begin(), order.end(), [&](int a, int b) { return score(a) > score(b); });
    const int others = shape_.selection.blocks - (shape_.selection.local == Selection::Local::inside ? 1 : 0);
    if (others > 0 && others < local) {
      gap = std::min(
          gap, score(order[static_cast<std::size_t>(others - 1)]) - score(order[static_cast<std::size_t>(others)]));
    }
    order.resize(static_cast<std::size_t>(std::min(others, local)));
    order.push_back(local);
    std::sort(order.begin(), order.end());
    return order;
  }

  [[nodiscard]] Row attend(const Row& query, std::size_t group, const std::vector<int>* kept) const {
    Row output(query.size(), 0.0);
    double sum = 0;
    for (std::size_t key = 0; key < keys_.size(); ++key) {
      const int block = static_cast<int>(key / block_keys);
      if (kept != nullptr && !std::binary_search(kept->begin(), kept->end(), block)) continue;
      // Scores of normed rows are small: exp needs no maximum.
      const double weight = std::exp(dot(query, keys_[key][group]) / std::sqrt(static_cast<double>(query.size())));
      sum += weight;
      for (std::size_t d = 0; d < output.size(); ++d) output[d] += weight * values_[key][group][d];
    }
    for (double& number : output) number /= sum;
    return output;
  }

  AttentionLayerShape shape_;
  AttentionShape of_;
  std::vector<Row> in_, out_;
  std::vector<std::vector<Row>> keys_, values_;  // [token][group]
  std::vector<Row> index_keys_;
  double position_ = 0;  // of the token whose turn it is
};

}  // namespace plimsoll::executor
