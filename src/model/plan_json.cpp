// The document: body and run laid over each other in an order that reads well, and the id that says
// whether a file still is what was made.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "model/migration.hpp"
#include "model/plan.hpp"
#include "model/plan_body.hpp"
#include "text/digest.hpp"

namespace schemasync {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int newest_format = 1;
constexpr int deepest = 64;  // a plan nests about ten levels; a definition a few more

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
    if (!run.code.empty()) change["code"] = code_of(run);
    json& checks = change["checks"];
    for (std::size_t i = 0; i < checks.size() && i < run.checks.size(); ++i) {
      checks[i]["result"] = result_of(run.checks[i], samples);
    }
  }
  return arranged(std::move(change),
                  {"number",   "rule",   "object",   "part",   "summary",    "risk",       "where",
                   "strategy", "blocks", "breaking", "backup", "reversible", "undo",       "diff",
                   "notes",    "checks", "code",     "up",     "down",       "down_checks"});
}

json counted_levels(const Plan& plan) {
  json counts = {{"changes", plan.changes.size()}};
  for (const Level level : {Level::low, Level::medium, Level::high})
    counts[std::string(to_text(level))] = 0;
  counts["breaking"] = std::count_if(plan.changes.begin(), plan.changes.end(),
                                     [](const Change& change) { return !change.breaking.empty(); });
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    json& count = counts[std::string(to_text(shown_level(plan, i)))];
    count = count.get<int>() + 1;
  }
  return counts;
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
  if (too_deep(text)) refuse_as_plan("it nests deeper than a plan does");
  json document;
  try {
    document = json::parse(text);
  } catch (const json::exception& error) {
    refuse_as_plan(std::string("it is not JSON (") + error.what() + ")");
  }
  if (!document.is_object() || !document.contains("plan_id") || !document["plan_id"].is_string() ||
      !document.contains("format") || !document["format"].is_number_integer())
    refuse_as_plan("it has no plan_id or no format");
  return document;
}

std::string document_of(json body, const std::string& id, const Plan& plan, Samples samples) {
  json changes = std::move(body["changes"]);
  body.erase("changes");
  ordered_json shown = ordered_json::array();
  for (const std::size_t index : ranked(plan))
    shown.push_back(shown_change(std::move(changes[index]), plan, index, samples));

  body.update(run_of(plan));
  body["summary"] = counted_levels(plan);
  body["proof"] = {{"result", "none"},
                   {"why", "the plan was not run on a private server before it was shown"}};
  body["plan_id"] = id;
  body["changes"] = nullptr;  // keeps the place of `shown`
  ordered_json document =
      arranged(std::move(body), {"plan_id",      "format",      "tool_version",
                                 "time",         "env",         "target",
                                 "protected",    "allow",       "server_version",
                                 "server_major", "models",      "model_tables",
                                 "code",         "summary",     "proof",
                                 "slug",         "after",       "changes",
                                 "notes",        "unmanaged",   "mostly_unmanaged",
                                 "facts",        "models_hash", "scope",
                                 "from",         "to"});
  document["changes"] = std::move(shown);
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

void refuse_as_plan(const std::string& why) {
  throw Error("this is not a plan of schemasync: " + why,
              "`schemasync plan -o plan.json` writes one");
}

std::string plan_id(const Plan& plan) { return id_of(body_of(plan)); }

std::string plan_to_json(const Plan& plan, Samples samples) {
  json body = body_of(plan);
  const std::string id = id_of(body);
  return document_of(std::move(body), id, plan, samples);
}

PlanForJournal plan_for_journal(const Plan& plan) {
  json body = body_of(plan);
  PlanForJournal kept{id_of(body), ""};
  kept.document = document_of(std::move(body), kept.id, plan, Samples::leave_out);
  return kept;
}

Plan plan_from_json(const std::string& text) {
  const json document = parsed(text);
  if (const auto format = document["format"].get<std::int64_t>(); format > newest_format)
    throw Error("the plan has format " + std::to_string(format) + "; this schemasync reads up to " +
                    std::to_string(newest_format),
                "plan again with this version, or use the one that wrote it (its tool_version)");
  Plan plan = read_plan(document);
  if (plan_id(plan) != document["plan_id"].get<std::string>())
    throw Error("the plan's plan_id does not fit what it says: it was changed after it was made",
                "plan again: a plan is run as it was made, or not at all", ExitCode::stale);
  return plan;
}

}  // namespace schemasync
