// Writer and Reader walk the same descriptions (plan_description.hpp), so that what is written is
// what is read.
#include "model/plan_body.hpp"

#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>

#include "model/plan_description.hpp"

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
