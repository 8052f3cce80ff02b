// Each struct is described once, in describe(); Writer and Reader walk the same description, so
// that what is written is what is read.
#include "model/plan_body.hpp"

#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>

namespace schemasync {
namespace {

using nlohmann::json;

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
constexpr Archive::Form last_of<Archive::Form> = Archive::Form::filled;
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
json written(const Symbol& text) { return text.str(); }
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
void read(const json& in, Symbol& symbol) {
  std::string text;
  read(in, text);
  symbol = text;
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
void describe(Io& io, typename Io::template Ref<Archive> archive) {
  io("form", archive.form);
  io("object", archive.object);
  io("definition", archive.definition);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Filling> filling) {
  io("kept", filling.kept);
  io("before", filling.before);
  io("after", filling.after);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Step> step) {
  io("sql", step.sql);
  io("work", step.work);
  io("segment", step.segment);
  io("locks", step.locks);
  io("rewrites", step.rewrites);
  io.rare("search_path", step.search_path);
  io.rare("filling", step.filling);
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
void describe(Io& io, typename Io::template Ref<Risk> risk) {
  io("base", risk.base);
  io("structural", risk.level);
  io("reasons", risk.reasons);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<CodeName> name) {
  io("name", name.name);
  io.rare("also", name.also);
  io.rare("names_classes", name.names_classes);
  io.rare("beside", name.beside);
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
  io.rare("code_names", change.code_names);
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
  io("states_public", scope.states_public);
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
void describe(Io& io, typename Io::template Ref<CodePlace> place) {
  io("file", place.file);
  io("line", place.line);
  io("text", place.text);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<CodeUse> use) {
  io("name", use.name);
  io("count", use.count);
  io("places", use.places);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<CodeSearch> search) {
  io("folders", search.folders);
  io("files", search.files);
  io.rare("notes", search.notes);
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
  io.rare("code", run.code);
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

// ---- reading back -----------------------------------------------------------------------------

ChangeRun run_in(const json& change, const Change& body) {
  ChangeRun run;
  run.level = body.risk.level;
  Reader risk{change.at("risk")};
  risk("level", run.level);
  risk("facts", run.reasons);
  Reader{change}("code", run.code);
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
      Change& body = plan.changes.emplace_back(Change::recorded(Risk(Level::low, "")));
      body.risk.reasons.clear();
      read(*change, body);
      expect(change->contains("risk"), "a risk");
      plan.run.changes.push_back(run_in(*change, body));
    } catch (Malformed& malformed) {
      malformed.path.insert(0, ".changes (number " + std::to_string(plan.changes.size()) + ")");
      throw;
    }
}

Plan read_document(const json& document) {
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

}  // namespace

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

json run_of(const Plan& plan) {
  json run = written(plan.run);
  if (!plan.run.tables.empty()) run["facts"] = written(plan.run.tables);
  return run;
}

json code_of(const ChangeRun& run) { return written(run.code); }

json result_of(const CheckResult& result, Samples samples) {
  json out = written(result);
  if (samples == Samples::keep) out["sample"] = written(result.sample);
  return out;
}

Plan read_plan(const json& document) {
  try {
    return read_document(document);
  } catch (const Malformed& malformed) {
    refuse_as_plan("at " + (malformed.path.empty() ? "its top" : malformed.path.substr(1)) + ", " +
                   malformed.what);
  }
}

}  // namespace schemasync
