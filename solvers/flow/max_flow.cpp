#include "solvers/flow/max_flow.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "solvers/flow/lemon.hpp"

namespace plimsoll::solvers::flow {

MaxFlow max_flow(int nodes, const std::vector<Arc>& arcs, int source, int sink) {
  for (const Arc& arc : arcs) {
    if (arc.from < 0 || arc.from >= nodes || arc.to < 0 || arc.to >= nodes || arc.capacity < 0) {
      throw std::invalid_argument("max_flow: an arc leaves the graph or has a negative capacity");
    }
  }
  if (source < 0 || source >= nodes || sink < 0 || sink >= nodes || source == sink) {
    throw std::invalid_argument("max_flow: source and sink must be two nodes of the graph");
  }
  // A static graph wants its arcs sorted by tail.
  std::vector<std::size_t> order(arcs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return arcs[a].from < arcs[b].from; });
  std::vector<std::pair<int, int>> ends;
  ends.reserve(arcs.size());
  for (const std::size_t index : order) ends.emplace_back(arcs[index].from, arcs[index].to);
  lemon::StaticDigraph graph;
  graph.build(nodes, ends.begin(), ends.end());
  lemon::StaticDigraph::ArcMap<std::int64_t> capacity(graph);
  for (std::size_t position = 0; position < order.size(); ++position) {
    capacity[graph.arc(static_cast<int>(position))] = arcs[order[position]].capacity;
  }
  lemon::Preflow<lemon::StaticDigraph, lemon::StaticDigraph::ArcMap<std::int64_t>> preflow(
      graph, capacity, graph.node(source), graph.node(sink));
  preflow.run();
  MaxFlow result;
  result.value = preflow.flowValue();
  result.flow.resize(arcs.size());
  for (std::size_t position = 0; position < order.size(); ++position) {
    result.flow[order[position]] = preflow.flow(graph.arc(static_cast<int>(position)));
  }
  result.source_side.resize(static_cast<std::size_t>(nodes));
  for (int node = 0; node < nodes; ++node) {
    result.source_side[static_cast<std::size_t>(node)] = preflow.minCut(graph.node(node)) ? 1 : 0;
  }
  return result;
}

}  // namespace plimsoll::solvers::flow
