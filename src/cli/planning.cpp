#include "cli/planning.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <future>
#include <unordered_set>

#include "apply/checks.hpp"
#include "apply/publication.hpp"
#include "apply/run.hpp"
#include "cli/unmanaged_rules.hpp"
#include "code/search.hpp"
#include "diff/column_order.hpp"
#include "diff/differ.hpp"
#include "diff/renames.hpp"
#include "kinds/server_needs.hpp"
#include "kinds/type_name.hpp"
#include "load/facts.hpp"
#include "load/index_support.hpp"
#include "load/match.hpp"
#include "load/normalise.hpp"
#include "load/replica_identity.hpp"
#include "load/roles.hpp"
#include "plan/planner.hpp"
#include "text/digest.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

std::string now_text() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::vector<ObjectId> ids_of(const Schema& schema) {
  std::vector<ObjectId> ids;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : schema.all<K>()) ids.push_back(id);
  });
  return ids;
}

std::size_t headers_in(const Schema& schema) {
  std::size_t count = 0;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : schema.all<K>())
      if (id.table.empty() && id.kind != "schema" && object.container() == id) ++count;
  });
  return count;
}

// What a rollback kept and the models want back, unchanged. Returns notes about what they do not.
std::vector<std::string> add_kept(Facts& facts, const Journal& journal, const Schema& wanted) {
  std::vector<std::string> notes;
  for (const auto& [id, kept] : journal.kept_by_rollback()) {
    if (!wanted.has(id) || definition_of(wanted, id) != kept.definition) continue;
    if (kept.form == Archive::Form::table) {
      const std::optional<std::string> why_not =
          why_rows_stay_away(wanted, id, kept.columns, kept.types);
      if (why_not && !why_not->empty())
        notes.push_back("rows that a rollback kept of " + id.shown() +
                        " stay in schema schemasync: " + *why_not);
      if (why_not) continue;
    }
    if (kept.form == Archive::Form::in_place && kept.columns.empty()) continue;
    facts.kept[id] = {static_cast<int>(kept.number), kept.relation, kept.definition, kept.form,
                      kept.columns};
  }
  return notes;
}

// What the renames take along elsewhere: keys that point at a table, columns of a type.
void bind_to_followers(Plan& plan, const Schema& before, const Schema& after,
                       const std::vector<Rename>& renames) {
  if (renames.empty()) return;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : before.all<K>()) {
      if (plan.from.contains(id)) continue;
      ObjectId then = id;
      for (const Rename& rename : renames) follow(then, rename);
      if (!after.has(then)) continue;
      std::string was = definition_of(before, id);
      std::string is = definition_of(after, then);
      if (was == is && then == id) continue;
      plan.from_digests[id] = sha256(was);
      plan.from[id] = std::move(was);
      plan.to[then] = std::move(is);
    }
  });
}

// Objects that the plan is bound to: those of the tables that it reads, changes or names, by the
// names that the server knows now; and the absence of what it makes.
void bind_to_state(Plan& plan, const Schema& before, const Schema& after,
                   const std::vector<Rename>& renames) {
  const auto on_server = [&](const ObjectId& id) { return name_on_server(id, renames); };
  std::set<ObjectId> named_now;
  std::set<ObjectId> touched_now;
  std::set<ObjectId> touched_then;
  for (const Change& change : plan.changes) {
    std::vector<ObjectId> named = change.tables;
    named.push_back(change.object);
    touched_then.insert(change.object.owner());
    touched_now.insert(on_server(change.object.owner()));
    for (const auto* list : {&change.creates, &change.drops, &change.needs, &change.releases})
      named.insert(named.end(), list->begin(), list->end());
    for (const ObjectId& id : named) named_now.insert(on_server(id.owner()));
    for (const ObjectId& id : change.creates)
      if (!before.has(on_server(id))) plan.from_digests[id] = "";
  }
  // A sequence comes and goes with the table that owns it.
  for_each_kind([&]<class K>() {
    for (const ObjectId& owner : named_now)
      for (const K* object : before.belonging<K>(owner)) {
        std::string definition = definition_of(before, object->id);
        plan.from_digests[object->id] = sha256(definition);
        if (touched_now.count(object->id.owner()) > 0 ||
            touched_now.count(object->container().owner()) > 0)
          plan.from[object->id] = std::move(definition);
      }
    for (const ObjectId& owner : touched_then)
      for (const K* object : after.belonging<K>(owner))
        plan.to[object->id] = definition_of(after, object->id);
  });
  bind_to_followers(plan, before, after, renames);
}

void mark_unmanaged(std::vector<Change>& changes, const std::vector<ObjectId>& unmanaged) {
  const std::set<ObjectId> gone(unmanaged.begin(), unmanaged.end());
  for (Change& change : changes) {
    if (change.drops.empty() || !change.creates.empty() || gone.count(change.object) == 0) continue;
    change.unmanaged = true;
    change.becomes(unmanaged_rule("*.drop.unmanaged"));
    change.risk.raise(Level::high,
                      "No models of this database ever had it: somebody else may own it.");
  }
}

void say(const PlanningOptions& options, const std::string& work) {
  if (options.at) options.at(work);
}

void observe(Plan& plan, Connection& db, const Facts& facts, const PlanningOptions& options,
             std::int64_t timeout_ms) {
  plan.run.tables = facts.tables;
  plan.run.changes.clear();
  for (const Change& change : plan.changes) {
    ChangeRun run;
    run.level = change.risk.level;
    if (options.checks && !change.checks.empty()) say(options, "checking: " + change.summary);
    if (options.checks) run.checks = run_checks(db, change.checks, timeout_ms);
    for (const CheckResult& result : run.checks)
      if (result.status == CheckResult::Status::failed) run.level = Level::high;
    for (const ObjectId& table : change.tables) {
      const auto found = facts.tables.find(table);
      const bool heavy = found != facts.tables.end() && found->second.bytes > (1LL << 30) &&
                         std::any_of(change.up.begin(), change.up.end(),
                                     [](const Step& one) { return one.work != Work::catalog; });
      if (!heavy || run.level == Level::high) continue;
      run.level = static_cast<Level>(static_cast<int>(run.level) + 1);
      run.reasons.push_back(table.shown() + " holds " + size_text(found->second.bytes) +
                            ", which is read or written under its lock.");
    }
    plan.run.changes.push_back(std::move(run));
  }
}

// A table that somebody holds keeps even its row count from being read: say who.
template <class Read>
auto reading(Connection& db, Read&& read) {
  try {
    return read();
  } catch (const DatabaseError& error) {
    if (error.sqlstate() != "55P03" || db.in_transaction()) throw;
    const std::string who = blockers_of_readers(db);
    throw Error(std::string("a table that has to be read is held by another session: ") +
                    error.what() + (who.empty() ? "" : "\n  " + who),
                "wait until it is done, or raise lock_timeout");
  }
}

// What stands where nobody looks is said once.
constexpr std::string_view unmodelled_note = "not modelled, left as it is: ";

void note_unmodelled(Plan& plan, const Schema& live) {
  if (live.unmodelled.empty()) return;
  for (const std::string& one : live.unmodelled)
    plan.notes.push_back(std::string(unmodelled_note) + one);
}

// The two schemas of a plan. The database is as `live` says, until that one goes on to differ.
struct Sides {
  Schema live;
  Schema& wanted;
  std::optional<Schema> copy = {};

  const Schema& before() const { return copy ? *copy : live; }
  void keep_before() {
    if (!copy) copy = live;
  }
};

// What leads from one side to the other, where they differ. Returns what was read for it.
Facts add_changes(Plan& plan, Sides& sides, Renames renames, Target& target, const Journal& journal,
                  const PlanningOptions& options) {
  Connection& db = *target.db;
  Schema& live = sides.live;
  Schema& wanted = sides.wanted;
  const Unmanaged handling = plan.scope.unmanaged;
  const std::vector<ObjectId> unmanaged = never_managed(db, journal, objects_beside(wanted, live));
  plan.mostly_unmanaged = (headers_in(wanted) == 0 && headers_in(live) > 0) ||
                          (handling == Unmanaged::drop && unmanaged.size() * 2 > headers_in(live));
  if (handling != Unmanaged::drop) {
    plan.unmanaged = unmanaged;
    if (!unmanaged.empty()) sides.keep_before();
    remove_objects(live, unmanaged);
  }
  if (std::vector<Mistake> mistakes = kept_on_dropped(live, wanted); !mistakes.empty())
    throw MistakesError(std::move(mistakes), 0);

  say(options, "counting the rows of the tables that change");
  Facts facts =
      reading(db, [&] { return read_facts(db, live, touched_tables(live, wanted), renames.all); });
  facts.archive_limit = target.env().archive_limit;
  if (!options.discard_kept)
    for (std::string& note : add_kept(facts, journal, wanted))
      plan.notes.push_back(std::move(note));
  SchemaDifference difference = diff(live, wanted, facts);
  mark_unmanaged(difference.changes, unmanaged);
  std::vector<Change> changes = std::move(renames.changes);
  changes.insert(changes.end(), std::make_move_iterator(difference.changes.begin()),
                 std::make_move_iterator(difference.changes.end()));
  check_replica_identity(db, changes, live, renames.all);
  plan.changes = ordered(std::move(changes), std::move(difference.recreated));
  bind_to_state(plan, sides.before(), wanted, renames.all);
  return facts;
}

}  // namespace

Schema read_live(Connection& db, const Scope& scope, CatalogAhead* ahead) {
  return reading(db, [&] { return load_catalog(db, scope, ahead); });
}

namespace {

// Not for models that are wrong.
bool would_start_a_server(const Place& place) {
  return place.env.embedded &&
         !running_embedded_server(place.config.folder, place.env.name, embedded_database);
}

}  // namespace

Opened open_models_and_target(const Options& options, const Config& config) {
  std::future<Models> loading = std::async(
      std::launch::async, [&] { return load_models(config.models, config.models_shown); });
  Opened opened;
  try {
    if (would_start_a_server(open_place(options))) opened.models = loading.get();
    opened.target = open_target(options);
    opened.ahead =
        std::make_unique<CatalogAhead>(*opened.target.db, scope_by_custom(config.models));
    opened.journal = read_journal(*opened.target.db);
  } catch (...) {
    if (loading.valid()) loading.get();
    throw;
  }
  if (loading.valid()) opened.models = loading.get();
  return opened;
}

Plan make_plan(Target& target, Models models, const Journal& journal,
               const PlanningOptions& options) {
  Connection& db = *target.db;
  Schema& wanted = models.schema;
  say(options, "reading the catalog");
  Sides sides{read_live(db, models.scope, options.ahead), wanted};
  refuse_what_is_not_there(target, wanted, sides.live);

  Renames renames;
  if (models.declares_renames) {
    sides.keep_before();
    renames = find_renames(wanted, sides.live, models.naming);
  }
  if (!renames.mistakes.empty()) throw MistakesError(std::move(renames.mistakes), models.files);
  ShadowPlace shadow(target.place.config, &target);
  say(options, "comparing with the models");
  normalise(wanted, sides.live, {shadow.server(), &db, sides.before(), renames.all});
  adopt_aspects(wanted, sides.live, models.scope, target.owner(), target.env().roles);

  Plan plan;
  plan.tool_version = SCHEMASYNC_VERSION;
  plan.server_major = db.server_version() / 10000;
  plan.models_hash = models.hash;
  plan.after = journal.last_id();
  plan.scope = models.scope;
  plan.managed = ids_of(wanted);
  plan.notes = renames.notes;
  if (std::optional<std::string> order = note_of_column_order(sides.live, wanted))
    plan.notes.push_back(std::move(*order));
  Facts facts;
  if (!renames.all.empty() || !are_equal(sides.live, wanted))
    facts = add_changes(plan, sides, std::move(renames), target, journal, options);
  note_unmodelled(plan, sides.before());
  if (!plan.empty() && !options.allow_publication)
    if (std::optional<std::string> note = note_of_publication(db, plan, journal.exists))
      plan.notes.push_back(std::move(*note));

  plan.run.time = now_text();
  plan.run.env = target.env().name;
  plan.run.target = target.shown();
  plan.run.protected_target = target.env().is_protected;
  plan.run.allow = target.env().allow;
  plan.run.server_version = server_version_text(db);
  plan.run.models = target.place.config.models_shown;
  plan.run.model_tables = models.tables;
  observe(plan, db, facts, options, target.env().statement_timeout_ms);
  if (!options.code.empty()) say(options, "searching the code");
  find_code_uses(plan, options.code, target.place.config.models);
  plan.slug = slug_of(plan);
  return plan;
}

Plan plan_between(Side from_side, Side to_side, const RolesThere& roles, const Scope& scope,
                  const Naming& naming, ShadowServer& shadow) {
  Schema& from = from_side.schema;
  Schema& to = to_side.schema;
  const Schema before = from;
  Renames renames = find_renames(to, from, naming);
  if (!renames.mistakes.empty()) throw MistakesError(std::move(renames.mistakes), 0);
  normalise(to, from, {shadow, nullptr, before, renames.all});
  normalise(from, to, {shadow, nullptr, from, {}});
  adopt_aspects(to, from, scope, roles.owner,
                to_side.of_models ? roles.names : decltype(roles.names){});
  if (from_side.of_models) adopt_aspects(from, to, scope, roles.owner, roles.names);
  Plan plan;
  plan.tool_version = SCHEMASYNC_VERSION;
  plan.scope = scope;
  plan.notes = renames.notes;
  SchemaDifference difference = diff(from, to, Facts{});
  std::vector<Change> changes = std::move(renames.changes);
  changes.insert(changes.end(), std::make_move_iterator(difference.changes.begin()),
                 std::make_move_iterator(difference.changes.end()));
  plan.changes = ordered(std::move(changes), std::move(difference.recreated));
  bind_to_state(plan, before, to, renames.all);
  plan.slug = slug_of(plan);
  return plan;
}

bool leaves_something_unmodelled(const Plan& plan) {
  return std::any_of(plan.notes.begin(), plan.notes.end(),
                     [](const std::string& note) { return note.starts_with(unmodelled_note); });
}

void find_code_uses(Plan& plan, const std::vector<std::filesystem::path>& code,
                    const std::filesystem::path& models) {
  if (code.empty()) return;
  CodeFound found = search_code({code, models, std::filesystem::current_path()}, plan.changes);
  plan.run.code = std::move(found.search);
  for (std::size_t i = plan.run.changes.size(); i < plan.changes.size(); ++i)
    plan.run.changes.push_back({plan.changes[i].risk.level, {}, {}});
  for (std::size_t i = 0; i < plan.changes.size(); ++i)
    plan.run.changes[i].code = std::move(found.uses[i]);
}

void refuse_what_is_not_there(Target& target, const Schema& wanted, const Schema& live) {
  std::vector<Mistake> mistakes = wrong_externals(*target.db, wanted, live);
  const Env& env = target.env();
  for (Mistake& missing : missing_roles(*target.db, wanted, env.roles, env.name))
    mistakes.push_back(std::move(missing));
  for (Mistake& unsupported : unsupported_indexes(*target.db, wanted, live))
    mistakes.push_back(std::move(unsupported));
  if (!mistakes.empty()) throw MistakesError(std::move(mistakes), 0);
}

void resolve_model_types(Models& models, Connection* target) {
  std::unordered_set<Symbol> types;
  for (const auto& [id, column] : models.schema.all<Column>()) types.insert(column.type);
  const bool any_left = std::any_of(types.begin(), types.end(),
                                    [](const Symbol& type) { return !canonical_type(type); });
  std::set<std::pair<std::string, std::string>> known;
  if (target != nullptr && any_left) {
    const Rows rows = target->query(
        sql("SELECT n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = "
            "t.typnamespace WHERE n.nspname NOT IN "
            "('pg_catalog', 'information_schema', 'pg_toast', 'schemasync') AND t.typelem = 0"));
    for (std::size_t i = 0; i < rows.size(); ++i) known.emplace(rows.text(i, 0), rows.text(i, 1));
  }
  std::vector<Mistake> mistakes;
  if (any_left) mistakes = resolve_types(models.schema, known);
  if (target != nullptr)
    for (Mistake& newer : beyond_server(models.schema, target->server_version() / 10000))
      mistakes.push_back(std::move(newer));
  if (!mistakes.empty()) throw MistakesError(std::move(mistakes), 0);
}

ReadDefinitions definitions_reader() {
  return [](Connection& db, const Scope& scope) { return definitions_of(read_live(db, scope)); };
}

}  // namespace schemasync
