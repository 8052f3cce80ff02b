// Each struct is described once, in describe(); Writer and Reader walk the same description, so
// that what is written is what is read. The body comes from Plan's body members alone. What was
// observed (PlanRun) is laid over it under keys of its own, which docs/plan.schema.json marks as
// run.
#include <algorithm>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>

#include "model/plan.hpp"
#include "text/digest.hpp"

namespace schemasync {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int newest_format = 1;
constexpr int deepest = 64;  // a plan nests about ten levels; a definition a few more

// A value that is not what a plan holds there; the path grows while it is thrown outwards.
struct Malformed {
  std::string path;
  std::string what;
};

// ---- values ----------------------------------------------------------------------------------

template <class E>
std::optional<E> spelled(std::string_view text, E last) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (to_text(static_cast<E>(i)) == text) return static_cast<E>(i);
  return std::nullopt;
}
template <class E>
concept Spelled = std::is_enum_v<E> && requires(E e) {
  to_text(e);
};

template <Spelled E>
constexpr E last_of = E{};
template <>
constexpr Level last_of<Level> = Level::high;
template <>
constexpr Work last_of<Work> = Work::rewrite;
template <>
constexpr Undo::Kind last_of<Undo::Kind> = Undo::Kind::no;
template <>
constexpr Archive::Form last_of<Archive::Form> = Archive::Form::table;
template <>
constexpr CheckResult::Status last_of<CheckResult::Status> = CheckResult::Status::unknown;
template <>
constexpr Unmanaged last_of<Unmanaged> = Unmanaged::refuse;

struct Writer;
struct Reader;
template <class T>
concept Described = requires(Writer& io, const T& value) {
  describe(io, value);
};

json written(const std::string& text) { return text; }
json written(const Sql& sql) { return sql.str(); }
json written(const ObjectId& id) { return id.to_text(); }
json written(bool value) { return value; }
json written(int number) { return number; }
json written(std::int64_t number) { return number; }
template <Spelled E>
json written(E value) {
  return to_text(value);
}
template <Described T>
json written(const T& value);
template <class T>
json written(const std::optional<T>& value) {
  return value ? written(*value) : json();
}
template <class T>
json written(const std::vector<T>& values) {
  json out = json::array();
  for (const T& value : values) out.push_back(written(value));
  return out;
}
template <class T>
json written(const std::map<ObjectId, T>& values) {
  json out = json::object();
  for (const auto& [id, value] : values) out[id.to_text()] = written(value);
  return out;
}

void expect(bool holds, const char* what) {
  if (!holds) throw Malformed{"", std::string(what) + " is expected"};
}

void read(const json& in, std::string& text) {
  expect(in.is_string(), "a text");
  text = in.get<std::string>();
}
void read(const json& in, Sql& sql) {
  expect(in.is_string(), "SQL text");
  sql = Sql::recorded(in.get<std::string>());
}
ObjectId read_id(const std::string& text) {
  try {
    return ObjectId::from_text(text);
  } catch (const Error& error) {
    throw Malformed{"", error.what()};
  }
}
void read(const json& in, ObjectId& id) {
  expect(in.is_string(), "the name of an object");
  id = read_id(in.get<std::string>());
}
void read(const json& in, bool& value) {
  expect(in.is_boolean(), "true or false");
  value = in.get<bool>();
}
void read(const json& in, std::int64_t& number) {
  expect(in.is_number_integer(), "an integer");
  number = in.get<std::int64_t>();
}
void read(const json& in, int& number) {
  std::int64_t wide = 0;
  read(in, wide);
  expect(wide >= 0 && wide <= std::numeric_limits<int>::max(), "a number from 0 to 2147483647");
  number = static_cast<int>(wide);
}
template <Spelled E>
void read(const json& in, E& value) {
  expect(in.is_string(), "a word");
  const std::string word = in.get<std::string>();
  const std::optional<E> known = spelled(word, last_of<E>);
  if (!known) throw Malformed{"", "\"" + word + "\" is not a word that stands here"};
  value = *known;
}
template <Described T>
void read(const json& in, T& value);
template <class T>
void read(const json& in, std::optional<T>& value) {
  if (in.is_null()) return;
  read(in, value.emplace());
}
template <class T>
void read(const json& in, std::vector<T>& values) {
  expect(in.is_array(), "an array");
  values.clear();
  values.reserve(in.size());
  for (const json& element : in) try {
      read(element, values.emplace_back());
    } catch (Malformed& malformed) {
      malformed.path.insert(0, "[" + std::to_string(values.size() - 1) + "]");
      throw;
    }
}
template <class T>
void read(const json& in, std::map<ObjectId, T>& values) {
  expect(in.is_object(), "an object");
  for (const auto& [name, element] : in.items()) {
    T value{};
    read(element, value);
    values.emplace(read_id(name), std::move(value));
  }
}

// ---- the two directions ----------------------------------------------------------------------

struct Writer {
  template <class T>
  using Ref = const T&;
  json out = json::object();

  template <class T>
  void operator()(const char* key, const T& value) {
    out[key] = written(value);
  }
  // Left out when it says nothing.
  template <class T>
  void rare(const char* key, const T& value, const T& usual = T{}) {
    if (!(value == usual)) out[key] = written(value);
  }
};

struct Reader {
  template <class T>
  using Ref = T&;
  const json& in;

  // A key that is not there keeps the default: were it needed, plan_id would not fit.
  template <class T>
  void operator()(const char* key, T& value) {
    const auto found = in.find(key);
    if (found == in.end()) return;
    try {
      read(*found, value);
    } catch (Malformed& malformed) {
      malformed.path.insert(0, std::string(".") + key);
      throw;
    }
  }
  template <class T>
  void rare(const char* key, T& value, const T& usual = T{}) {
    value = usual;
    (*this)(key, value);
  }
};

template <Described T>
json written(const T& value) {
  Writer io;
  describe(io, value);
  return std::move(io.out);
}
template <Described T>
void read(const json& in, T& value) {
  expect(in.is_object(), "an object");
  Reader io{in};
  describe(io, value);
}

// ---- body: what each struct is in JSON -------------------------------------------------------

template <class Io>
void describe(Io& io, typename Io::template Ref<Source> source) {
  io("file", source.file);
  io("line", source.line);
  io("column", source.column);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Lock> lock) {
  io("relation", lock.relation);
  io("mode", lock.mode);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Step> step) {
  io("sql", step.sql);
  io("work", step.work);
  io("segment", step.segment);
  io("locks", step.locks);
  io("rewrites", step.rewrites);
  io.rare("search_path", step.search_path);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Repair> repair) {
  io("title", repair.title);
  io("sql", repair.sql);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Check> check) {
  io("name", check.name);
  io("passed", check.passed);
  io("failed", check.failed);
  io("count", check.count);
  io("stops", check.stops);
  io.rare("sample", check.sample);
  io.rare("search_path", check.search_path);
  io.rare("repairs", check.repairs);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Archive> archive) {
  io("form", archive.form);
  io("object", archive.object);
  io("definition", archive.definition);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Risk> risk) {
  io("base", risk.base);
  io("structural", risk.level);
  io("reasons", risk.reasons);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Change> change) {
  io("rule", change.rule);
  io("object", change.object);
  io.rare("part", change.part);
  io("summary", change.summary);
  io("risk", change.risk);
  io.rare("where", change.where);
  io("strategy", change.strategy);
  io("backup", change.backup);
  io("blocks", change.blocks);
  io("breaking", change.breaking);
  io("reversible", change.undo.kind);
  io("undo", change.undo.text);
  io("diff", change.diff);
  io("notes", change.notes);
  io("checks", change.checks);
  io("up", change.up);
  io("down", change.down);
  io("down_checks", change.down_checks);
  io.rare("archive", change.archive);
  io.rare("kept", change.kept);
  io.rare("restores", change.restores);
  io.rare("unmanaged", change.unmanaged);
  io.rare("creates", change.creates);
  io.rare("drops", change.drops);
  io.rare("needs", change.needs);
  io.rare("releases", change.releases);
  io.rare("phase", change.phase, 1);
  io.rare("own_segment_before", change.own_segment_before);
  io.rare("tables", change.tables);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Scope> scope) {
  io("schemas", scope.schemas);
  io("include", scope.include);
  io("ignore", scope.ignore);
  io("manage", scope.manage);
  io("unmanaged", scope.unmanaged);
  io("stated", scope.stated);
}

// All of the body but its changes and the definitions.
template <class Io>
void describe(Io& io, typename Io::template Ref<Plan> plan) {
  io("format", plan.format);
  io("tool_version", plan.tool_version);
  io("server_major", plan.server_major);
  io("models_hash", plan.models_hash);
  io("after", plan.after);
  io("scope", plan.scope);
  io("managed", plan.managed);
  io("notes", plan.notes);
  io("unmanaged", plan.unmanaged);
  io("mostly_unmanaged", plan.mostly_unmanaged);
  io("slug", plan.slug);
}

// ---- run -------------------------------------------------------------------------------------

template <class Io>
void describe(Io& io, typename Io::template Ref<TableFacts> facts) {
  io("rows", facts.rows);
  io("rows_estimated", facts.rows_estimated);
  io("bytes", facts.bytes);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Sample> sample) {
  io("headings", sample.headings);
  io("rows", sample.rows);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<CheckResult> result) {
  io("status", result.status);
  io("text", result.text);
  io("counts", result.counts);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<PlanRun> run) {
  io.rare("time", run.time);
  io.rare("env", run.env);
  io.rare("target", run.target);
  io("protected", run.protected_target);
  io("allow", run.allow);
  io.rare("server_version", run.server_version);
  io.rare("models", run.models);
  io("model_tables", run.model_tables);
}

// ---- definitions: JSON within JSON -----------------------------------------------------------

// As a value where compact JSON with sorted keys is what it is; as text where it is anything else.
json embedded(const Definitions& definitions) {
  json out = json::object();
  for (const auto& [id, text] : definitions) {
    json value = json::parse(text, nullptr, false);
    const bool exact =
        value.is_object() && value.dump(-1, ' ', false, json::error_handler_t::replace) == text;
    out[id.to_text()] = exact ? std::move(value) : json(text);
  }
  return out;
}

Definitions definitions_in(const json& document, const char* side) {
  Definitions definitions;
  const auto found = document.find(side);
  if (found == document.end() || !found->is_object() || !found->contains("definitions"))
    return definitions;
  for (const auto& [name, value] : found->at("definitions").items())
    definitions.emplace(read_id(name), value.is_string() ? value.get<std::string>() : value.dump());
  return definitions;
}

// ---- the document ----------------------------------------------------------------------------

json body_of(const Plan& plan) {
  json body = written(plan);
  body["from"] = {{"digests", written(plan.from_digests)}, {"definitions", embedded(plan.from)}};
  body["to"] = {{"definitions", embedded(plan.to)}};
  json changes = json::array();
  for (const Change& change : plan.changes) {
    changes.push_back(written(change));
    changes.back()["number"] = changes.size();
  }
  body["changes"] = std::move(changes);
  return body;
}

std::string id_of(const json& body) {
  return sha256(body.dump(-1, ' ', false, json::error_handler_t::replace));
}

// Keys in an order that reads well, the rest after them as they come.
ordered_json arranged(json value, const std::vector<const char*>& first) {
  ordered_json out = ordered_json::object();
  for (const char* key : first)
    if (const auto found = value.find(key); found != value.end()) {
      out[key] = std::move(*found);
      value.erase(found);
    }
  for (auto& [key, rest] : value.items()) out[key] = std::move(rest);
  return out;
}

ordered_json shown_change(json change, const Plan& plan, std::size_t index, Samples samples) {
  change["risk"]["level"] = to_text(shown_level(plan, index));
  if (index < plan.run.changes.size()) {
    const ChangeRun& run = plan.run.changes[index];
    if (!run.reasons.empty()) change["risk"]["facts"] = run.reasons;
    json& checks = change["checks"];
    for (std::size_t i = 0; i < checks.size() && i < run.checks.size(); ++i) {
      checks[i]["result"] = written(run.checks[i]);
      if (samples == Samples::keep) checks[i]["result"]["sample"] = written(run.checks[i].sample);
    }
  }
  return arranged(std::move(change),
                  {"number", "rule", "object", "part", "summary", "risk", "where", "strategy",
                   "blocks", "breaking", "backup", "reversible", "undo", "diff", "notes", "checks",
                   "up", "down", "down_checks"});
}

json counted_levels(const Plan& plan) {
  json counts = {{"changes", plan.changes.size()}};
  for (const Level level : {Level::low, Level::medium, Level::high})
    counts[std::string(to_text(level))] = 0;
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    json& count = counts[std::string(to_text(shown_level(plan, i)))];
    count = count.get<int>() + 1;
  }
  return counts;
}

ChangeRun run_in(const json& change, const Change& body) {
  ChangeRun run;
  run.level = body.risk.level;
  Reader risk{change.at("risk")};
  risk("level", run.level);
  risk("facts", run.reasons);
  const auto checks = change.find("checks");
  if (checks == change.end()) return run;
  for (const json& check : *checks) {
    const auto found = check.find("result");
    if (found == check.end()) break;
    CheckResult result;
    read(*found, result);
    Reader{*found}("sample", result.sample);
    run.checks.push_back(std::move(result));
  }
  return run;
}

// Ranked in the file, by number in the plan.
void read_changes(const json& document, Plan& plan) {
  const auto found = document.find("changes");
  if (found == document.end() || !found->is_array())
    throw Malformed{".changes", "an array is expected"};
  std::vector<const json*> by_number(found->size(), nullptr);
  for (const json& change : *found) {
    int number = 0;
    if (change.is_object()) Reader{change}("number", number);
    const auto index = static_cast<std::size_t>(number) - 1;
    if (number == 0 || index >= by_number.size() || by_number[index] != nullptr)
      throw Malformed{".changes", "numbers from 1 on, each once, are expected"};
    by_number[index] = &change;
  }
  for (const json* change : by_number) try {
      Change& body = plan.changes.emplace_back(Risk(Level::low, ""));
      body.risk.reasons.clear();
      read(*change, body);
      expect(change->contains("risk"), "a risk");
      plan.run.changes.push_back(run_in(*change, body));
    } catch (Malformed& malformed) {
      malformed.path.insert(0, ".changes (number " + std::to_string(plan.changes.size()) + ")");
      throw;
    }
}

Plan read_plan(const json& document) {
  Plan plan;
  read(document, plan);
  read(document, plan.run);
  Reader io{document};
  io("facts", plan.run.tables);
  if (const auto from = document.find("from"); from != document.end() && from->is_object())
    Reader{*from}("digests", plan.from_digests);
  plan.from = definitions_in(document, "from");
  plan.to = definitions_in(document, "to");
  read_changes(document, plan);
  return plan;
}

[[noreturn]] void refuse(const std::string& why) {
  throw Error("this is not a plan of schemasync: " + why,
              "`schemasync plan -o plan.json` writes one");
}

// nlohmann's parser takes any depth, its printer recurses.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > deepest) return true;
  }
  return false;
}

json parsed(const std::string& text) {
  if (too_deep(text)) refuse("it nests deeper than a plan does");
  json document;
  try {
    document = json::parse(text);
  } catch (const json::exception& error) {
    refuse(std::string("it is not JSON (") + error.what() + ")");
  }
  if (!document.is_object() || !document.contains("plan_id") || !document["plan_id"].is_string() ||
      !document.contains("format") || !document["format"].is_number_integer())
    refuse("it has no plan_id or no format");
  return document;
}

}  // namespace

std::string plan_id(const Plan& plan) { return id_of(body_of(plan)); }

std::string plan_to_json(const Plan& plan, Samples samples) {
  json body = body_of(plan);
  const std::string id = id_of(body);
  json changes = std::move(body["changes"]);
  body.erase("changes");
  ordered_json shown = ordered_json::array();
  for (const std::size_t index : ranked(plan))
    shown.push_back(shown_change(std::move(changes[index]), plan, index, samples));

  body.update(written(plan.run));
  if (!plan.run.tables.empty()) body["facts"] = written(plan.run.tables);
  body["summary"] = counted_levels(plan);
  body["proof"] = {{"result", "none"},
                   {"why", "the plan was not run on a private server before it was shown"}};
  body["plan_id"] = id;
  body["changes"] = nullptr;  // keeps the place of `shown`
  ordered_json document =
      arranged(std::move(body),
               {"plan_id", "format",       "tool_version", "time",           "env",
                "target",  "protected",    "allow",        "server_version", "server_major",
                "models",  "model_tables", "summary",      "proof",          "slug",
                "after",   "changes",      "notes",        "unmanaged",      "mostly_unmanaged",
                "facts",   "models_hash",  "scope",        "from",           "to"});
  document["changes"] = std::move(shown);
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Plan plan_from_json(const std::string& text) {
  const json document = parsed(text);
  if (const auto format = document["format"].get<std::int64_t>(); format > newest_format)
    throw Error("the plan has format " + std::to_string(format) + "; this schemasync reads up to " +
                    std::to_string(newest_format),
                "plan again with this version, or use the one that wrote it (its tool_version)");
  Plan plan;
  try {
    plan = read_plan(document);
  } catch (const Malformed& malformed) {
    refuse("at " + (malformed.path.empty() ? "its top" : malformed.path.substr(1)) + ", " +
           malformed.what);
  }
  if (plan_id(plan) != document["plan_id"].get<std::string>())
    throw Error("the plan's plan_id does not fit what it says: it was changed after it was made",
                "plan again: a plan is run as it was made, or not at all", ExitCode::stale);
  return plan;
}

}  // namespace schemasync
