#include "load/shadow.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "kinds/context.hpp"
#include "load/catalog.hpp"
#include "load/surroundings.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

void run(Connection& db, const Step& one) {
  if (one.search_path.empty()) {
    db.execute(one.sql);
    return;
  }
  db.execute(sql("SET search_path = {}, public", Identifier{one.search_path}));
  try {
    db.execute_one(one.sql);
  } catch (...) {
    db.execute(sql("SET search_path = pg_catalog"));
    throw;
  }
  db.execute(sql("SET search_path = pg_catalog"));
}

struct Pending {
  const Object* object;
  std::vector<Step> steps;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// The one of the others that failed which the mistake says is not there; nothing: a mistake of its
// own.
std::optional<std::size_t> missed_by(const Mistake& mistake, const std::vector<Pending>& failed) {
  for (std::size_t i = 0; i < failed.size(); ++i) {
    const ObjectId& id = failed[i].object->id;
    const auto is_missing = [&](const std::string& name) {
      return mistake.what.find("relation \"" + name + "\" does not exist") != std::string::npos;
    };
    if (is_missing(id.name) || is_missing(id.schema.str() + "." + id.name.str())) return i;
  }
  return std::nullopt;
}

// Views that stand on each other miss each other: no order makes them. What stands on one that is
// wrong itself is told to look there.
void name_what_they_miss(const std::vector<Pending>& failed, std::vector<Mistake>& why) {
  std::vector<std::optional<std::size_t>> missed;
  for (const Mistake& mistake : why) missed.push_back(missed_by(mistake, failed));
  for (std::size_t i = 0; i < why.size(); ++i) {
    if (!missed[i]) continue;
    std::size_t end = *missed[i];
    for (std::size_t seen = 0; missed[end] && seen < failed.size(); ++seen) end = *missed[end];
    const ObjectId& next = failed[*missed[i]].object->id;
    const ObjectId& wrong = failed[end].object->id;
    why[i].hint = missed[end] ? "it stands on " + next.kind + " " + next.shown() +
                                    ", which cannot be made either: do they stand on each other?"
                              : "it stands on " + wrong.kind + " " + wrong.shown() +
                                    ", which is wrong itself: correct that one first";
  }
}

// What stands on something that is not there yet is tried again after the others.
void build(Connection& db, std::vector<Pending> pending, std::vector<Mistake>& mistakes) {
  for (bool progress = true; progress && !pending.empty();) {
    progress = false;
    std::vector<Pending> failed;
    std::vector<Mistake> why;
    for (Pending& one : pending) {
      try {
        for (const Step& each : one.steps) run(db, each);
        progress = true;
      } catch (const DatabaseError& error) {
        why.push_back(
            {one.object->where, 1,
             one.object->id.kind + " " + one.object->id.shown() + ": " + first_line(error.what()),
             "PostgreSQL refuses it as the models write it"});
        failed.push_back(std::move(one));
      }
    }
    if (!progress || failed.empty()) {
      name_what_they_miss(failed, why);
      mistakes.insert(mistakes.end(), why.begin(), why.end());
      return;
    }
    pending = std::move(failed);
  }
}

}  // namespace

std::unique_ptr<ScratchDatabase> ShadowServer::scratch() {
  if (url_.empty()) url_ = server_url_();
  return std::make_unique<ScratchDatabase>(url_);
}

Schema ShadowServer::ask(const Schema& base, const Schema& asked,
                         const std::vector<Rename>& renames, Connection* target,
                         std::vector<Mistake>& mistakes) {
  ++times_asked_;
  const std::unique_ptr<ScratchDatabase> database = scratch();
  Connection db(database->url());
  if (target != nullptr) copy_surroundings(*target, *database, base, asked, db);

  std::set<std::string> spaces;
  const auto note_spaces = [&](const Schema& schema) {
    for_each_kind([&]<class K>() {
      for (const auto& [id, object] : schema.all<K>())
        spaces.insert(id.schema.empty() ? id.name : id.schema);
    });
  };
  note_spaces(base);
  note_spaces(asked);
  for (const Rename& rename : renames)  // a table may move into a new one
    if (!rename.to.schema.empty()) spaces.insert(rename.to.schema);
  std::vector<Sql> first;
  for (const std::string& space : spaces)
    if (space != "public")
      first.push_back(sql("CREATE SCHEMA IF NOT EXISTS {}", Identifier{space}));
  const Schema nothing;
  const Facts facts;
  const std::set<ObjectId> none;
  const Context making{nothing, base, Way::forward, facts, none, none};
  std::vector<Pending> groundwork;
  for_each_kind([&]<class K>() {
    if constexpr (std::is_same_v<K, Namespace>) return;
    for (const auto& [id, object] : base.all<K>()) {
      if (!id.table.empty()) continue;  // comes with its table
      Pending one{&object, {}};
      for (Change& made : K::create(object, making))
        for (Step& each : made.up) one.steps.push_back(std::move(each));
      groundwork.push_back(std::move(one));
    }
  });
  if (!first.empty()) db.execute(join(first, "; "));
  build(db, std::move(groundwork), mistakes);
  if (target != nullptr) stand_in(*target, base, asked, db);

  const Context asking{base, asked, Way::forward, facts, none, none};
  std::vector<Pending> questions;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : asked.all<K>()) {
      Pending one{&object, {}};
      for (Change& made : K::create(object, asking))
        for (Step& each : made.up) one.steps.push_back(std::move(each));
      questions.push_back(std::move(one));
    }
  });
  build(db, std::move(questions), mistakes);
  for (const Rename& rename : renames)
    for_each_kind([&]<class K>() {
      if (rename.from.kind != K::kind) return;
      for (const Sql& statement : K::renaming(rename.from, rename.to)) attempt(db, statement);
    });
  return load_catalog(db, Scope{});
}

}  // namespace schemasync
