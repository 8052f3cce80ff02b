#include "plan/planner.hpp"

#include <algorithm>
#include <map>
#include <queue>
#include <set>

#include "model/migration.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// Where nothing else decides: drops last-made-first before creates in the order of the kinds.
std::size_t rank_of(const Change& change) {
  static const std::map<std::string, std::size_t> ranks = [] {
    std::map<std::string, std::size_t> made;
    for_each_kind([&]<class K>() { made.emplace(std::string(K::kind), made.size()); });
    return made;
  }();
  const auto found = ranks.find(change.object.kind);
  const std::size_t rank = found == ranks.end() ? ranks.size() : found->second;
  if (change.phase == 0) return 0;
  if (change.own_segment_before) return 1;
  const bool drops_only = !change.drops.empty() && change.creates.empty();
  return drops_only ? 100 - rank : 200 + rank;
}

class Graph {
 public:
  // Behind the changes stand two nodes for each recreated object, where it is dropped and where it
  // is made again. They take no place of their own in the order.
  Graph(const std::vector<Change>& changes, const std::vector<Recreated>& recreated)
      : changes_(changes),
        after_(changes.size() + 2 * recreated.size()),
        waits_(after_.size(), 0),
        drops_before_(recreated.size(), changes.size()),
        creates_after_(recreated.size(), changes.size()) {
    std::multimap<ObjectId, std::size_t> creates, drops;
    for (std::size_t r = 0; r < recreated.size(); ++r) {
      if (recreated[r].behind_all) continue;
      drops.emplace(recreated[r].object, drop_node(r));
      creates.emplace(recreated[r].object, create_node(r));
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
      if (changes[i].phase == 0) continue;
      for (const ObjectId& id : changes[i].creates) creates.emplace(id, i);
      for (const ObjectId& id : changes[i].drops) drops.emplace(id, i);
    }
    std::size_t last_rename = changes.size();
    std::set<std::size_t> before_renames;
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const Change& change = changes[i];
      if (change.phase == 0) {  // renames run in the order in which they were found
        if (last_rename != changes.size()) edge(last_rename, i);
        last_rename = i;
        // A new schema is there before a table moves into it.
        for (const ObjectId& id : change.needs)
          each(creates, id, [&](std::size_t maker) {
            edge(maker, i);
            before_renames.insert(maker);
          });
        continue;
      }
      for (const ObjectId& id : change.needs)
        each(creates, id, [&](std::size_t maker) { edge(maker, i); });
      for (const ObjectId& id : change.releases)
        each(drops, id, [&](std::size_t dropper) { edge(i, dropper); });
      // The same name again: the old one goes first.
      for (const ObjectId& id : change.creates)
        each(drops, id, [&](std::size_t dropper) { edge(dropper, i); });
    }
    for (std::size_t r = 0; r < recreated.size(); ++r) {
      const std::set<ObjectId> around(recreated[r].around.begin(), recreated[r].around.end());
      for (std::size_t i = 0; i < changes.size(); ++i)
        if (around.count(changes[i].object) > 0 && takes_it_apart(changes[i])) {
          edge(drop_node(r), i);
          edge(i, create_node(r));
        }
      edge(drop_node(r), create_node(r));
      for (const ObjectId& id : recreated[r].releases)
        each(drops, id, [&](std::size_t dropper) { edge(drop_node(r), dropper); });
      for (const ObjectId& id : recreated[r].needs)
        each(creates, id, [&](std::size_t maker) { edge(maker, create_node(r)); });
    }
    if (last_rename != changes.size())
      for (std::size_t i = 0; i < changes.size(); ++i)
        if (changes[i].phase != 0 && before_renames.count(i) == 0) edge(last_rename, i);
  }

  std::vector<std::size_t> order() {
    using Entry = std::tuple<std::size_t, std::string, int, std::string, std::size_t>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready;
    const auto offer = [&](std::size_t i) {
      const Change& change = changes_[i];
      ready.emplace(rank_of(change), change.object.owner().to_text(), change.place,
                    change.object.to_text() + "\t" + change.part, i);
    };
    for (std::size_t i = 0; i < changes_.size(); ++i)
      if (waits_[i] == 0) offer(i);
    std::vector<std::size_t> out;
    const auto release = [&](std::size_t first) {
      std::queue<std::size_t> done({first});
      for (; !done.empty(); done.pop()) {
        const std::size_t i = done.front();
        if (i >= changes_.size()) pass(i, out.size());
        for (const std::size_t next : after_[i]) {
          if (--waits_[next] > 0) continue;
          if (next < changes_.size())
            offer(next);
          else
            done.push(next);
        }
      }
    };
    // What is made again last is dropped first.
    std::vector<std::size_t> free_nodes;
    for (std::size_t node = after_.size(); node-- > changes_.size();)
      if (waits_[node] == 0) free_nodes.push_back(node);
    for (const std::size_t node : free_nodes) release(node);
    while (!ready.empty()) {
      const std::size_t i = std::get<4>(ready.top());
      ready.pop();
      out.push_back(i);
      release(i);
    }
    if (out.size() < changes_.size()) throw cycle();
    place_drops(out);
    return out;
  }

  // In the order: before which change a recreated object is dropped, and after which it is made
  // again.
  std::size_t drops_before(std::size_t recreated) const { return drops_before_[recreated]; }
  std::size_t creates_after(std::size_t recreated) const { return creates_after_[recreated]; }
  // The recreated objects, those first that others wait for: as they are dropped, and as they are
  // made again.
  const std::vector<std::size_t>& dropped() const { return dropped_; }
  const std::vector<std::size_t>& made() const { return made_; }

 private:
  template <class F>
  static void each(const std::multimap<ObjectId, std::size_t>& map, const ObjectId& id, F&& f) {
    const auto [begin, end] = map.equal_range(id);
    for (auto it = begin; it != end; ++it) f(it->second);
  }

  void edge(std::size_t before, std::size_t after) {
    if (before == after || !edges_.emplace(before, after).second) return;
    after_[before].push_back(after);
    ++waits_[after];
  }

  std::size_t drop_node(std::size_t recreated) const { return changes_.size() + 2 * recreated; }
  std::size_t create_node(std::size_t recreated) const { return drop_node(recreated) + 1; }

  // Converts it, makes it anew, or lets it go.
  static bool takes_it_apart(const Change& change) {
    const auto has_own = [&](const std::vector<ObjectId>& ids) {
      return std::find(ids.begin(), ids.end(), change.object) != ids.end();
    };
    return change.phase != 0 &&
           (change.rebuilds || has_own(change.creates) || has_own(change.drops));
  }

  void pass(std::size_t node, std::size_t placed) {
    const std::size_t recreated = (node - changes_.size()) / 2;
    if (node == drop_node(recreated)) {
      dropped_.push_back(recreated);
      return;
    }
    made_.push_back(recreated);
    if (placed > 0) creates_after_[recreated] = placed - 1;
  }

  // As late as possible: before the first change that waits for it.
  void place_drops(const std::vector<std::size_t>& out) {
    std::vector<std::size_t> place(after_.size(), changes_.size());
    for (std::size_t i = 0; i < out.size(); ++i) place[out[i]] = i;
    for (auto it = dropped_.rbegin(); it != dropped_.rend(); ++it) {
      std::size_t& first = place[drop_node(*it)];
      for (const std::size_t next : after_[drop_node(*it)]) first = std::min(first, place[next]);
      drops_before_[*it] = first;
    }
  }

  Error cycle() const {
    std::vector<std::string> members;
    for (std::size_t i = 0; i < changes_.size() && members.size() < 10; ++i)
      if (waits_[i] > 0) members.push_back(changes_[i].object.to_text());
    return Error("these changes wait for each other: " + joined(members, ", "),
                 "make them in two plans: change one of them first");
  }

  const std::vector<Change>& changes_;
  std::vector<std::vector<std::size_t>> after_;
  std::vector<std::size_t> waits_;
  std::set<std::pair<std::size_t, std::size_t>> edges_;
  std::vector<std::size_t> drops_before_, creates_after_;  // changes_.size() where there is none
  std::vector<std::size_t> dropped_, made_;
};

bool works(const std::vector<Step>& steps) {
  return std::any_of(steps.begin(), steps.end(),
                     [](const Step& one) { return one.work != Work::catalog; });
}

void prepend(std::vector<Step>& steps, const std::vector<Step>& more) {
  steps.insert(steps.begin(), more.begin(), more.end());
}

template <class T>
void append(std::vector<T>& list, const std::vector<T>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

std::string in_words(std::string kind) {
  std::replace(kind.begin(), kind.end(), '_', ' ');
  return kind;
}

// From the change in front of which an object is dropped to the one behind which it is made again.
struct Span {
  std::size_t first, last;
  bool is_there(std::size_t changes) const { return first < changes && last < changes; }
};

std::vector<Span> attach(std::vector<Change>& changes, const std::vector<Recreated>& recreated,
                         const Graph& graph) {
  std::vector<Span> all;
  for (std::size_t r = 0; r < recreated.size(); ++r)
    all.push_back({graph.drops_before(r), graph.creates_after(r)});
  for (const std::size_t r : graph.made()) {
    if (!all[r].is_there(changes.size())) continue;
    append(changes[all[r].last].up, recreated[r].create_up);
    prepend(changes[all[r].last].down, recreated[r].drop_down);
  }
  for (auto r = graph.dropped().rbegin(); r != graph.dropped().rend(); ++r) {
    if (!all[*r].is_there(changes.size())) continue;
    prepend(changes[all[*r].first].up, recreated[*r].drop_up);
    append(changes[all[*r].first].down, recreated[*r].create_down);
  }
  std::vector<Span> spans;
  for (std::size_t r = 0; r < recreated.size(); ++r) {
    const Recreated& one = recreated[r];
    const Span span = all[r];
    if (!span.is_there(changes.size())) continue;
    append(changes[span.first].checks, one.checks_up);
    append(changes[span.last].down_checks, one.checks_down);
    if (!one.drop_up.empty())
      changes[span.first].notes.push_back(
          "Drops " + in_words(one.object.kind) + " " + one.object.shown() +
          " before and makes it again after, in the same transaction.");
    spans.push_back(span);
  }
  return spans;
}

// One transaction for all where nothing scans or rewrites; else one for each change, and one for
// those that share a recreated object. New enum values are committed before the rest.
void cut(std::vector<Change>& changes, const std::vector<Span>& spans, bool down) {
  const auto steps = [&](std::size_t i) -> std::vector<Step>& {
    return down ? changes[i].down : changes[i].up;
  };
  bool whole = true;
  for (std::size_t i = 0; i < changes.size(); ++i) whole = whole && !works(steps(i));
  std::vector<bool> joined_to_previous(changes.size(), false);
  for (const Span& span : spans)
    for (std::size_t i = span.first + 1; i <= span.last; ++i) joined_to_previous[i] = true;
  for (std::size_t i = 1; i < changes.size(); ++i) {
    const bool alone = changes[i].own_segment_before || changes[i - 1].own_segment_before;
    if (whole && !(alone && !down)) joined_to_previous[i] = true;
  }
  int segment = 0;
  if (!down) {
    for (std::size_t i = 0; i < changes.size(); ++i) {
      if (i > 0 && !joined_to_previous[i]) ++segment;
      for (Step& one : steps(i)) one.segment = segment;
    }
  } else {
    const bool apart = !whole && std::any_of(changes.begin(), changes.end(), goes_first_both_ways);
    if (apart) ++segment;
    for (std::size_t i = changes.size(); i-- > 0;) {
      const bool first = apart && goes_first_both_ways(changes[i]);
      for (Step& one : steps(i)) one.segment = first ? 0 : segment;
      if (!joined_to_previous[i]) ++segment;
    }
  }
}

}  // namespace

std::vector<Change> ordered(std::vector<Change> changes, std::vector<Recreated> recreated) {
  std::vector<Change> sorted;
  sorted.reserve(changes.size());
  Graph graph(changes, recreated);
  for (const std::size_t i : graph.order()) sorted.push_back(std::move(changes[i]));
  const std::vector<Span> spans = attach(sorted, recreated, graph);
  cut(sorted, spans, false);
  cut(sorted, spans, true);
  return sorted;
}

namespace {

// Of a plan that makes nothing but tables, and what belongs to them, in a database without a
// migration: how many. Else 0.
std::size_t tables_of_first_plan(const Plan& plan) {
  if (!plan.after.empty() && plan.after != "0000") return 0;
  std::set<ObjectId> tables;
  for (const Change& change : plan.changes)
    if (change.rule == "table.add") tables.insert(change.object);
  const bool adds_alone =
      std::all_of(plan.changes.begin(), plan.changes.end(), [&](const Change& change) {
        return change.rule.ends_with(".add") &&
               (change.object.table.empty() || tables.contains(change.object.owner()));
      });
  return adds_alone ? tables.size() : 0;
}

}  // namespace

std::string slug_of(const Plan& plan) {
  if (plan.changes.empty()) return "no_changes";
  if (const std::size_t tables = tables_of_first_plan(plan); tables > 1)
    return "create_" + std::to_string(tables) + "_tables";
  const Change& riskiest = plan.changes[ranked(plan).front()];
  std::string words = riskiest.rule.substr(riskiest.rule.find('.') + 1);
  const std::size_t dot = words.find('.');
  if (dot != std::string::npos) words = words.substr(0, dot);
  if (words == "type") words = "change";
  if (words == "default" || words == "not_null" || words == "nullable" || words == "comment" ||
      words == "owner" || words == "grants" || words == "identity" || words == "generated")
    words = "change";
  words += "_" + (riskiest.object.table.empty() || riskiest.object.kind != "column"
                      ? riskiest.object.name.str()
                      : riskiest.object.table + "_" + riskiest.object.name);
  std::string slug;
  for (const char c : lowercase(words)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '_') {
      slug += '_';
    }
  }
  slug = std::string(clipped(slug, 40));
  while (!slug.empty() && slug.back() == '_') slug.pop_back();
  return slug.empty() ? "change" : slug;
}

}  // namespace schemasync
