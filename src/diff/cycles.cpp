#include "diff/cycles.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace schemasync {
namespace {

struct Graph {
  std::vector<ObjectId> tables;
  std::map<ObjectId, std::size_t> number;
  std::vector<std::vector<std::size_t>> targets;
};

Graph tables_only_in(const Schema& here, const Schema& there) {
  Graph graph;
  for (const auto& [id, table] : here.all<Table>())
    if (there.find<Table>(id) == nullptr) {
      graph.number.emplace(id, graph.tables.size());
      graph.tables.push_back(id);
    }
  graph.targets.resize(graph.tables.size());
  for (const auto& [id, key] : here.all<ForeignKey>()) {
    const auto from = graph.number.find(id.owner());
    const auto to = graph.number.find(key.target);
    if (from != graph.number.end() && to != graph.number.end() && from != to)
      graph.targets[from->second].push_back(to->second);
  }
  return graph;
}

// Tarjan's components, without recursion: a chain of a thousand tables is normal.
std::vector<std::size_t> components(const Graph& graph) {
  constexpr std::size_t unseen = static_cast<std::size_t>(-1);
  const std::size_t n = graph.tables.size();
  std::vector<std::size_t> component(n, unseen), index(n, unseen), low(n, 0), stack;
  std::vector<bool> on_stack(n, false);
  std::size_t next = 0;
  std::size_t count = 0;
  struct Frame {
    std::size_t node;
    std::size_t edge;
  };
  for (std::size_t root = 0; root < n; ++root) {
    if (index[root] != unseen) continue;
    std::vector<Frame> frames = {{root, 0}};
    while (!frames.empty()) {
      const std::size_t node = frames.back().node;
      if (frames.back().edge == 0 && index[node] == unseen) {
        index[node] = low[node] = next++;
        stack.push_back(node);
        on_stack[node] = true;
      }
      if (frames.back().edge < graph.targets[node].size()) {
        const std::size_t target = graph.targets[node][frames.back().edge++];
        if (index[target] == unseen) {
          frames.push_back({target, 0});
        } else if (on_stack[target]) {
          low[node] = std::min(low[node], index[target]);
        }
        continue;
      }
      if (low[node] == index[node]) {
        std::size_t member = unseen;
        do {
          member = stack.back();
          stack.pop_back();
          on_stack[member] = false;
          component[member] = count;
        } while (member != node);
        ++count;
      }
      frames.pop_back();
      if (!frames.empty()) low[frames.back().node] = std::min(low[frames.back().node], low[node]);
    }
  }
  return component;
}

void add_cycles(std::set<ObjectId>& found, const Schema& here, const Schema& there) {
  const Graph graph = tables_only_in(here, there);
  const std::vector<std::size_t> component = components(graph);
  for (const auto& [id, key] : here.all<ForeignKey>()) {
    const auto from = graph.number.find(id.owner());
    const auto to = graph.number.find(key.target);
    if (from == graph.number.end() || to == graph.number.end() || from == to) continue;
    if (component[from->second] == component[to->second]) found.insert(id);
  }
}

}  // namespace

std::set<ObjectId> foreign_keys_in_cycles(const Schema& live, const Schema& models) {
  std::set<ObjectId> found;
  add_cycles(found, models, live);
  add_cycles(found, live, models);
  return found;
}

}  // namespace schemasync
