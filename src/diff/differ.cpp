#include "diff/differ.hpp"

#include <algorithm>
#include <map>

#include "diff/cycles.hpp"
#include "diff/keys.hpp"
#include "diff/recreate_rules.hpp"
#include "diff/standing.hpp"
#include "kinds/sql_texts.hpp"

namespace schemasync {
namespace {

// An object comes and goes with what contains it.
template <class K>
bool goes_along(const K& object, const Schema& other_side) {
  const ObjectId home = object.container();
  if (home == object.id) return false;
  if (!other_side.has(home.owner())) return true;
  return home.kind == "column" && !other_side.has(home);
}

template <class Found>
void each_part(const Schema& schema, const ObjectId& table, Found&& found) {
  for_each_kind([&]<class K>() {
    for (const K* part : schema.parts<K>(table)) found(part->id);
  });
}

// Everything that a made or dropped object brings or takes, for the planner's graph.
std::vector<ObjectId> whole(const Schema& schema, const ObjectId& id) {
  std::vector<ObjectId> ids = {id};
  if (id.table.empty()) each_part(schema, id, [&](const ObjectId& part) { ids.push_back(part); });
  return ids;
}

void append(std::vector<Change>& to, std::vector<Change> more) {
  for (Change& one : more) to.push_back(std::move(one));
}

// Its steps run around the type change that it stands on; what is left is to show it. Where the
// models say the same and PostgreSQL only spells it for the other type, there is nothing to fear.
Change made_again(Change change, const ObjectId& id, bool spelling_alone) {
  change.up.clear();
  change.releases.clear();
  change.notes.push_back("Done together with the type change that it stands on.");
  if (change.rebuilds) return change;
  change.blocks = "Nobody beyond the type change.";
  change.creates.clear();
  change.drops.clear();
  if (!spelling_alone) return change;
  change.becomes(recreate_rule("*.recreate"),
                 "PostgreSQL spells it for the new type; the models say what they said.");
  change.summary = "Recreate " + id.kind + " " + id.shown() + " for the new type";
  change.strategy = "drop before the type change, make again after it";
  change.undo = {Undo::Kind::lossless, "made again for the old type, together with that change."};
  change.breaking.clear();
  return change;
}

// What differs is the text of expressions, which another type spells otherwise.
template <class K>
bool is_same_but_for_sql(K a, K b) {
  for (K* side : {&a, &b})
    each_sql(*side, static_cast<const K*>(nullptr),
             [](SqlText& text, const SqlText*) { text = {}; });
  const auto used = [](const K& object) {
    return std::set<ObjectId>(object.uses.begin(), object.uses.end());
  };
  return same_attributes(a, b) && used(a) == used(b);
}

template <class K>
bool is_rebuilt(const K& from, const K& to) {
  if constexpr (requires { K::is_rebuilt(from, to); })
    return K::is_rebuilt(from, to);
  else
    return false;
}

// Neither this way nor the other one changes anything about it.
template <class K>
bool stays_the_same(const K& a, const K& b) {
  return same_attributes(a, b) && a.aspects == b.aspects && !is_rebuilt(a, b) && !is_rebuilt(b, a);
}

template <class K>
void drop_in(std::vector<Change>& changes, const K& object, const Context& context) {
  if (goes_along(object, context.to) && context.late.count(object.id) == 0) return;
  for (Change& gone : K::drop(object, context)) {
    for (ObjectId& each : whole(context.from, object.id)) gone.drops.push_back(std::move(each));
    changes.push_back(std::move(gone));
  }
}

template <class K>
void alter_in(std::vector<Change>& changes, const K& object, const K& after,
              const Context& context) {
  if (context.recreated.count(object.id) > 0) {
    for (Change& made : K::alter(object, after, context))
      changes.push_back(made_again(std::move(made), object.id, is_same_but_for_sql(object, after)));
    return;
  }
  if (stays_the_same(object, after)) return;
  append(changes, K::alter(object, after, context));
  append(changes, alter_aspects(object, after, K::address(object.id), context));
}

template <class K>
void create_in(std::vector<Change>& changes, const K& object, const Context& context) {
  if (goes_along(object, context.from) && context.late.count(object.id) == 0) return;
  for (Change& made : K::create(object, context)) {
    for (ObjectId& each : whole(context.to, object.id)) made.creates.push_back(std::move(each));
    const ObjectId home = object.container();
    if (home != object.id) made.needs.push_back(home);
    if (!object.id.schema.empty()) made.needs.push_back({"schema", "", "", object.id.schema});
    changes.push_back(std::move(made));
  }
}

// One direction.
std::vector<Change> half(const Context& context) {
  std::vector<Change> changes;
  for_each_kind([&]<class K>() {
    std::vector<Change> creates;
    each_pair<K>(context.from, context.to, [&](const ObjectId&, const K* before, const K* after) {
      if (after == nullptr) {
        drop_in(changes, *before, context);
      } else if (before == nullptr) {
        create_in(creates, *after, context);
      } else {
        alter_in(changes, *before, *after, context);
      }
    });
    append(changes, std::move(creates));
  });
  return changes;
}

void add_unless(std::vector<ObjectId>& to, const std::vector<ObjectId>& more,
                const std::vector<ObjectId>& against) {
  for (const ObjectId& id : more)
    if (std::find(to.begin(), to.end(), id) == to.end() &&
        std::find(against.begin(), against.end(), id) == against.end())
      to.push_back(id);
}

// What is left of changes that run around another one.
struct Made {
  std::vector<Step> steps;
  std::vector<ObjectId> needs, releases;
};

Made made_of(std::vector<Change> changes) {
  Made made;
  for (Change& one : changes) {
    for (Step& step : one.up) made.steps.push_back(std::move(step));
    made.needs.insert(made.needs.end(), one.needs.begin(), one.needs.end());
    made.releases.insert(made.releases.end(), one.releases.begin(), one.releases.end());
  }
  return made;
}

bool any_of(const std::vector<ObjectId>& ids, const std::set<ObjectId>& among) {
  return std::any_of(ids.begin(), ids.end(),
                     [&](const ObjectId& id) { return among.count(id) > 0; });
}

// What others stand on is made first.
std::vector<Recreated> by_depth(std::vector<std::pair<std::size_t, Recreated>> all) {
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Recreated> sorted;
  for (auto& [depth, one] : all) sorted.push_back(std::move(one));
  return sorted;
}

// A way that disturbs nothing leaves what stays the same alone.
std::vector<Recreated> recreate(const Standing& standing, const Context& up, const Context& down) {
  const std::set<ObjectId> disturbed_up = disturbed(up);
  const std::set<ObjectId> disturbed_down = disturbed(down);
  std::vector<std::pair<std::size_t, Recreated>> all;
  for_each_kind([&]<class K>() {
    for (const auto& [id, around] : standing) {
      const K* before = up.from.find<K>(id);
      const K* after = up.to.find<K>(id);
      if (before == nullptr || after == nullptr) continue;
      Recreated one;
      one.object = id;
      one.around = around;
      const bool changes = !same_attributes(*before, *after);
      Made drop_up = made_of(K::drop(*before, up));
      Made create_up = made_of(K::create(*after, up));
      Made drop_down = made_of(K::drop(*after, down));
      Made create_down = made_of(K::create(*before, down));
      add_unless(one.releases, drop_up.releases, {});
      add_unless(one.releases, create_down.needs, {});
      add_unless(one.needs, create_up.needs, {});
      add_unless(one.needs, drop_down.releases, {});
      if (changes || any_of(around, disturbed_up)) {
        one.drop_up = std::move(drop_up.steps);
        one.create_up = std::move(create_up.steps);
      }
      if (changes || any_of(around, disturbed_down)) {
        one.drop_down = std::move(drop_down.steps);
        one.create_down = std::move(create_down.steps);
      }
      // A change of its own has these checks itself.
      if constexpr (requires { K::carries_nothing(*before, up); }) {
        if (!one.drop_up.empty() && !changes)
          one.checks_up.push_back(K::carries_nothing(*before, up));
        if (!one.drop_down.empty() && !changes)
          one.checks_down.push_back(K::carries_nothing(*after, down));
      }
      all.emplace_back(depth_of(id, standing, up.to), std::move(one));
    }
  });
  return by_depth(std::move(all));
}

// What stands on a type that the way back alone makes anew (labels that came): that is the last
// step of it, and finds all as it was before, also what the way up drops.
std::vector<Recreated> recreate_behind(const Standing& standing, const Context& as_before) {
  std::vector<std::pair<std::size_t, Recreated>> all;
  for_each_kind([&]<class K>() {
    for (const auto& [id, around] : standing) {
      const K* object = as_before.to.find<K>(id);
      if (object == nullptr) continue;
      Recreated one;
      one.object = id;
      one.around = around;
      one.behind_all = true;
      one.drop_down = made_of(K::drop(*object, as_before)).steps;
      one.create_down = made_of(K::create(*object, as_before)).steps;
      if constexpr (requires { K::carries_nothing(*object, as_before); })
        one.checks_down.push_back(K::carries_nothing(*object, as_before));
      all.emplace_back(depth_of(id, standing, as_before.to), std::move(one));
    }
  });
  return by_depth(std::move(all));
}

// The way back runs in the opposite order: what it needs has to be there until the way up is done,
// and what it lets go of has to be made before. Where they differ, the way up decides.
void run_both_ways(Change& up, const Change& down) {
  if (up.up.empty()) return;  // done together with another one
  const std::vector<ObjectId> needs = up.needs;
  add_unless(up.needs, down.releases, up.releases);
  add_unless(up.releases, down.needs, needs);
}

using PairKey = std::pair<std::string, std::string>;

void pair_up(std::vector<Change>& forward, std::vector<Change> undo, const Schema& live,
             const Schema& models) {
  std::map<PairKey, Change*> by_key;
  for (Change& one : undo) by_key.emplace(PairKey{one.object.to_text(), one.part}, &one);
  for (Change& one : forward) {
    if (one.archive) one.archive->definition = definition_of(live, one.object);
    const auto found = by_key.find({one.object.to_text(), one.part});
    if (found == by_key.end()) {
      one.undo = {Undo::Kind::no, "nothing takes it back"};
      continue;
    }
    Change& back = *found->second;
    run_both_ways(one, back);
    one.down = std::move(back.up);
    one.down_checks = std::move(back.checks);
    one.kept = std::move(back.archive);
    if (one.kept) one.kept->definition = definition_of(models, one.object);
    for (Step& step : one.down)
      if (step.filling) step.filling->kept.definition = definition_of(models, one.object);
  }
}

}  // namespace

bool are_equal(const Schema& live, const Schema& models) {
  bool equal = true;
  for_each_kind([&]<class K>() {
    equal = equal && std::equal(live.all<K>().begin(), live.all<K>().end(), models.all<K>().begin(),
                                models.all<K>().end(), [](const auto& a, const auto& b) {
                                  return a.first == b.first && stays_the_same(a.second, b.second);
                                });
  });
  return equal;
}

std::set<ObjectId> touched_tables(const Schema& from, const Schema& to) {
  std::set<ObjectId> tables;
  for_each_kind([&]<class K>() {
    each_pair<K>(from, to, [&](const ObjectId&, const K* before, const K* after) {
      const bool stays = before != nullptr && after != nullptr;
      if (stays && same_attributes(*before, *after) && !is_rebuilt(*before, *after)) return;
      if constexpr (requires { K::converts(*before, from); })
        if (before != nullptr)
          for (const ObjectId& column : K::converts(*before, from)) tables.insert(column.owner());
      const ObjectId home = (before != nullptr ? before : after)->container().owner();
      if (home.kind == "table" && (before != nullptr || from.has(home))) tables.insert(home);
    });
  });
  // The rows of a foreign key that is made again are looked at.
  const std::set<ObjectId> keys = keys_that_go(from, to);
  for_each_kind([&]<class K>() {
    if constexpr (StandsOnKeys<K>)
      for (const auto& [id, object] : from.all<K>())
        if (any_of(K::stands_on(object, from), keys)) tables.insert(id.owner());
  });
  return tables;
}

std::vector<Mistake> kept_on_dropped(const Schema& live, const Schema& models) {
  std::vector<Mistake> mistakes;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : models.all<K>()) {
      const auto look_at = [&](const ObjectId& used) {
        if (models.has(used) || !live.has(used)) return;
        mistakes.push_back({object.where, 1,
                            id.kind + " " + id.shown() + " stands on " + used.kind + " " +
                                used.shown() + ", which is in no model and would be dropped",
                            "change the " + id.kind + ", or write the " + used.kind +
                                " into the models: pull does"});
      };
      for (const ObjectId& used : object.uses) look_at(used);
      if constexpr (requires { K::types_of(object, live); })
        for (const ObjectId& used : K::types_of(object, live)) look_at(used);
    }
  });
  return mistakes;
}

namespace {

bool goes_back_last(const ObjectId& id) {
  bool last = false;
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::goes_back_last; }) last = last || id.kind == K::kind;
  });
  return last;
}

}  // namespace

SchemaDifference diff(const Schema& live, const Schema& models, const Facts& facts) {
  const std::set<ObjectId> late = foreign_keys_in_cycles(live, models);
  std::set<ObjectId> recreated;
  std::set<ObjectId> moved = disturbed({live, models, Way::forward, facts, late, recreated});
  std::set<ObjectId> moved_back;  // types to which the way up only adds labels
  for (const ObjectId& id : disturbed({models, live, Way::undo, facts, late, recreated}))
    if (!goes_back_last(id))
      moved.insert(id);
    else if (moved.count(id) == 0)
      moved_back.insert(id);
  const Standing standing = standing_on(live, models, moved);
  for (const auto& [id, around] : standing) recreated.insert(id);
  const Context up{live, models, Way::forward, facts, late, recreated};
  const Context down{models, live, Way::undo, facts, late, recreated};
  SchemaDifference difference;
  difference.changes = half(up);
  pair_up(difference.changes, half(down), live, models);
  difference.recreated = recreate(standing, up, down);
  const Context as_before{live, live, Way::undo, facts, late, recreated};
  for (Recreated& one : recreate_behind(standing_on(live, live, moved_back), as_before))
    difference.recreated.push_back(std::move(one));
  return difference;
}

}  // namespace schemasync
