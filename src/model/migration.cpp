#include "model/migration.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/strings.hpp"

namespace schemasync {
namespace {

using nlohmann::json;

// The journal's column is jsonb: text that is not UTF-8 could not be stored.
std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json parsed(std::string_view text) {
  json value = json::parse(text, nullptr, false);
  if (!value.is_object())
    throw Error("the journal holds definitions that are not a JSON object",
                "restore schema schemasync from a backup");
  return value;
}

}  // namespace

std::string_view to_text(Direction direction) { return direction == Direction::up ? "up" : "down"; }

bool goes_first_both_ways(const Change& change) {
  return change.phase == 0 && change.part != "name";
}

std::vector<NumberedStep> steps_in_order(const Plan& plan, Direction direction) {
  std::vector<NumberedStep> steps;
  const std::size_t count = plan.changes.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = direction == Direction::up ? i : count - 1 - i;
    const Change& change = plan.changes[at];
    for (const Step& step : direction == Direction::up ? change.up : change.down)
      steps.push_back({0, static_cast<int>(at) + 1, step.segment, &step});
  }
  const auto place = [&](const NumberedStep& step) {
    const Change& change = plan.changes[static_cast<std::size_t>(step.change) - 1];
    return std::pair(step.segment, direction == Direction::down && !goes_first_both_ways(change));
  };
  std::stable_sort(steps.begin(), steps.end(), [&](const NumberedStep& a, const NumberedStep& b) {
    return place(a) < place(b);
  });
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].ordinal = static_cast<int>(i) + 1;
  return steps;
}

std::vector<std::vector<NumberedStep>> cut_into_segments(const std::vector<NumberedStep>& steps) {
  std::vector<std::vector<NumberedStep>> segments;
  for (const NumberedStep& step : steps) {
    if (segments.empty() || segments.back().back().segment != step.segment) segments.emplace_back();
    segments.back().push_back(step);
  }
  return segments;
}

std::string slugified(std::string_view text) {
  std::string slug;
  for (const char c : lowercase(text)) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (kept)
      slug += c;
    else if (!slug.empty() && slug.back() != '_')
      slug += '_';
  }
  while (!slug.empty() && slug.back() == '_') slug.pop_back();
  return slug;
}

std::string migration_id(int number, std::string_view slug) {
  std::string id = std::to_string(number);
  if (id.size() < 4) id.insert(0, 4 - id.size(), '0');
  std::string name = slugified(slug);
  if (name.empty()) name = "changes";
  id = std::string(clipped(id + "_" + name, 63));
  while (id.back() == '_') id.pop_back();
  return id;
}

std::string migration_summary(const Plan& plan) {
  if (plan.changes.empty()) return "no changes";
  const std::string first = plan.changes[ranked(plan).front()].summary;
  const std::size_t more = plan.changes.size() - 1;
  if (more == 0) return first;
  return first + ", and " + counted(static_cast<std::int64_t>(more), "more change");
}

Plan baseline_plan(const Plan& plan) {
  Plan baseline;
  baseline.tool_version = plan.tool_version;
  baseline.server_major = plan.server_major;
  baseline.models_hash = plan.models_hash;
  baseline.scope = plan.scope;
  baseline.slug = "baseline";
  return baseline;
}

Before before_of(const Definitions& before, const Definitions& after) {
  Before changed;
  for (const auto& [id, definition] : before) {
    const auto found = after.find(id);
    if (found == after.end() || found->second != definition) changed.emplace(id, definition);
  }
  for (const auto& [id, definition] : after)
    if (!before.contains(id)) changed.emplace(id, std::nullopt);
  return changed;
}

Before before_of(const Plan& plan) {
  Before before;
  for (const auto& [id, definition] : plan.from) before.emplace(id, definition);
  for (const auto& [id, definition] : plan.to) before.emplace(id, std::nullopt);
  return before;
}

Definitions taken_back(Definitions definitions, const Before& before) {
  for (const auto& [id, definition] : before) {
    if (definition)
      definitions.insert_or_assign(id, *definition);
    else
      definitions.erase(id);
  }
  return definitions;
}

std::string to_json(const Definitions& definitions) {
  json object = json::object();
  for (const auto& [id, definition] : definitions) object[id.to_text()] = definition;
  return dumped(object);
}

std::string to_json(const Before& before) {
  json object = json::object();
  for (const auto& [id, definition] : before)
    object[id.to_text()] = definition ? json(*definition) : json(nullptr);
  return dumped(object);
}

std::string to_json(const std::vector<ObjectId>& ids) {
  json array = json::array();
  for (const ObjectId& id : ids) array.push_back(id.to_text());
  return dumped(array);
}

Definitions definitions_from_json(std::string_view text) {
  Definitions definitions;
  const json object = parsed(text);
  for (const auto& [id, definition] : object.items())
    definitions.emplace(ObjectId::from_text(id), definition.get<std::string>());
  return definitions;
}

Before before_from_json(std::string_view text) {
  Before before;
  const json object = parsed(text);
  for (const auto& [id, definition] : object.items())
    before.emplace(ObjectId::from_text(id), definition.is_null()
                                                ? std::nullopt
                                                : std::optional(definition.get<std::string>()));
  return before;
}

}  // namespace schemasync
