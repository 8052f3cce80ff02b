#include "apply/drift.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "text/digest.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

using nlohmann::json;

std::string shown_value(const json& value) {
  if (value.is_null()) return "nothing";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// `now` cut down to the attributes that `known` states.
std::string known_part(const std::string& known, const std::string& now) {
  const json before = json::parse(known, nullptr, false);
  json after = json::parse(now, nullptr, false);
  if (!before.is_object() || !after.is_object()) return now;
  for (auto it = after.begin(); it != after.end();)
    it = before.contains(it.key()) && !before.at(it.key()).is_null() ? std::next(it)
                                                                     : after.erase(it);
  for (const auto& [key, value] : before.items())
    if (value.is_null()) after[key] = nullptr;
  return after.dump() == before.dump() ? known : after.dump();
}

std::vector<Difference> differences_of_recorded(const Definitions& recorded,
                                                const Definitions& live) {
  std::vector<Difference> found;
  for (const auto& [id, definition] : recorded) {
    const auto now = live.find(id);
    if (now == live.end())
      found.push_back({Difference::Kind::removed, id, ""});
    else if (now->second != definition)
      found.push_back({Difference::Kind::changed, id, described_change(definition, now->second)});
  }
  return found;
}

bool is_bound_to(const Plan& plan, const ObjectId& id) {
  return plan.from.contains(id) || plan.from_digests.contains(id);
}

}  // namespace

std::string Difference::to_text() const {
  switch (kind) {
    case Kind::added:
      return "+ " + object.to_text();
    case Kind::removed:
      return "- " + object.to_text();
    case Kind::changed:
      break;
  }
  return "~ " + object.to_text() + (text.empty() ? "" : "  " + text);
}

std::vector<Difference> differences(const Definitions& recorded, const Definitions& live) {
  std::vector<Difference> found = differences_of_recorded(recorded, live);
  for (const auto& [id, definition] : live)
    if (!recorded.contains(id)) found.push_back({Difference::Kind::added, id, ""});
  return found;
}

std::vector<Difference> differences_of_known(const Definitions& recorded, const Definitions& live) {
  Definitions known = live;
  for (auto& [id, definition] : known) {
    const auto found = recorded.find(id);
    if (found != recorded.end()) definition = known_part(found->second, definition);
  }
  return differences_of_recorded(recorded, known);
}

Definitions without_unmanaged(Definitions live, const Definitions& recorded, const Scope& scope) {
  std::vector<std::string> unmanaged;
  for (const auto& [aspect, key] :
       {std::pair{"comments", "comment"}, {"owners", "owner"}, {"grants", "grants"}})
    if (!scope.manages(aspect)) unmanaged.emplace_back(key);
  for (auto& [id, definition] : live) {
    const auto known = recorded.find(id);
    if (known == recorded.end() || known->second == definition) continue;
    const json before = json::parse(known->second, nullptr, false);
    json after = json::parse(definition, nullptr, false);
    if (!before.is_object() || !after.is_object()) continue;
    for (const std::string& key : unmanaged) {
      after.erase(key);
      if (before.contains(key)) after[key] = before.at(key);
    }
    definition = after == before ? known->second : after.dump();
  }
  return live;
}

std::vector<Difference> moved_since(const Plan& plan, const Definitions& live) {
  std::vector<Difference> moved = differences_of_recorded(plan.from, live);
  for (const auto& [id, digest] : plan.from_digests) {
    if (plan.from.contains(id)) continue;
    const auto now = live.find(id);
    if (now == live.end()) {
      if (!digest.empty()) moved.push_back({Difference::Kind::removed, id, ""});
    } else if (digest.empty()) {
      moved.push_back({Difference::Kind::added, id, ""});
    } else if (sha256(now->second) != digest) {
      moved.push_back({Difference::Kind::changed, id, ""});
    }
  }
  for (const auto& [id, definition] : plan.to)
    if (!is_bound_to(plan, id) && live.contains(id))
      moved.push_back({Difference::Kind::added, id, ""});
  // What has come to a table since: DROP COLUMN would take a new check along without a word.
  for (const auto& [id, definition] : live)
    if (!id.table.empty() && is_bound_to(plan, id.owner()) && !is_bound_to(plan, id) &&
        !plan.to.contains(id))
      moved.push_back({Difference::Kind::added, id, ""});
  return moved;
}

std::string described_change(const std::string& from, const std::string& to) {
  const json before = json::parse(from, nullptr, false);
  const json after = json::parse(to, nullptr, false);
  if (!before.is_object() || !after.is_object()) return from + " -> " + to;
  std::vector<std::string> parts;
  const auto add = [&](const std::string& key, const json& old_value, const json& new_value) {
    if (old_value != new_value)
      parts.push_back(key + " " + shown_value(old_value) + " -> " + shown_value(new_value));
  };
  for (const auto& [key, value] : before.items())
    add(key, value, after.contains(key) ? after.at(key) : json());
  for (const auto& [key, value] : after.items())
    if (!before.contains(key)) add(key, json(), value);
  return joined(parts, ", ");
}

std::vector<Difference> without_parts(const std::vector<Difference>& differences) {
  std::set<std::pair<ObjectId, Difference::Kind>> whole;
  for (const Difference& one : differences)
    if (one.kind != Difference::Kind::changed) whole.emplace(one.object, one.kind);
  std::vector<Difference> kept;
  for (const Difference& one : differences)
    if (one.object.table.empty() || !whole.contains({one.object.owner(), one.kind}))
      kept.push_back(one);
  return kept;
}

std::string listed(const std::vector<Difference>& differences) {
  constexpr std::size_t most = 20;
  const std::vector<Difference> shown = without_parts(differences);
  std::string out;
  for (std::size_t i = 0; i < shown.size() && i < most; ++i) out += "\n  " + shown[i].to_text();
  if (shown.size() > most) out += "\n  and " + std::to_string(shown.size() - most) + " more";
  return out;
}

}  // namespace schemasync
