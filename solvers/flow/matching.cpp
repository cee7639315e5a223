#include "solvers/flow/matching.hpp"

#include <stdexcept>
#include <utility>

#include "solvers/flow/lemon.hpp"

namespace plimsoll::solvers::flow {

std::vector<int> least_cost_matching(int size, const std::vector<std::int64_t>& cost) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  if (size < 0 || cost.size() != static_cast<std::size_t>(size) * static_cast<std::size_t>(size)) {
    throw std::invalid_argument("least_cost_matching: the cost table is not square");
  }
  for (const std::int64_t value : cost) {
    if (value > most || value < -most) throw std::invalid_argument("least_cost_matching: a cost is out of range");
  }
  if (size == 0) return {};  // network simplex calls an empty graph infeasible
  std::vector<std::pair<int, int>> ends;
  ends.reserve(cost.size());
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column) ends.emplace_back(row, size + column);
  }
  lemon::StaticDigraph graph;
  graph.build(2 * size, ends.begin(), ends.end());
  lemon::StaticDigraph::ArcMap<std::int64_t> price(graph);
  lemon::StaticDigraph::ArcMap<std::int64_t> capacity(graph, 1);
  for (std::size_t arc = 0; arc < cost.size(); ++arc) price[graph.arc(static_cast<int>(arc))] = cost[arc];
  lemon::StaticDigraph::NodeMap<std::int64_t> supply(graph);
  for (int row = 0; row < size; ++row) {
    supply[graph.node(row)] = 1;
    supply[graph.node(size + row)] = -1;
  }
  lemon::NetworkSimplex<lemon::StaticDigraph, std::int64_t, std::int64_t> simplex(graph);
  simplex.upperMap(capacity).costMap(price).supplyMap(supply).run();
  std::vector<int> columns(static_cast<std::size_t>(size), -1);
  for (std::size_t arc = 0; arc < cost.size(); ++arc) {
    if (simplex.flow(graph.arc(static_cast<int>(arc))) > 0) {
      columns[arc / static_cast<std::size_t>(size)] = static_cast<int>(arc % static_cast<std::size_t>(size));
    }
  }
  return columns;
}

}  // namespace plimsoll::solvers::flow
