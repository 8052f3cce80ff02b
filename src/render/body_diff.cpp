#include "render/body_diff.hpp"

#include <dtl/dtl.hpp>
#include <nlohmann/json.hpp>

#include "text/strings.hpp"

namespace schemasync {
namespace {

using nlohmann::json;
using Lines = std::vector<std::string>;

Lines lines_of(std::string_view text) {
  if (text.empty()) return {};
  if (text.ends_with('\n')) text.remove_suffix(1);
  return split(text, '\n');
}

// dtl starts an empty side at line 1; diff(1) and everything that reads diffs say 0.
std::string range(long long start, long long count) {
  return std::to_string(count == 0 ? 0 : start) + "," + std::to_string(count);
}

const json* object_in(const Definitions& definitions, const ObjectId& id, json& parsed) {
  const auto found = definitions.find(id);
  if (found == definitions.end()) return nullptr;
  parsed = json::parse(found->second, nullptr, false);
  return parsed.is_object() ? &parsed : nullptr;
}

std::string text_at(const json& flat, const std::string& key) {
  const auto found = flat.find(key);
  return found != flat.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string definition_diff(std::string_view old_text, std::string_view new_text) {
  using Change = std::pair<std::string, dtl::elemInfo>;
  dtl::Diff<std::string, Lines> diff(lines_of(old_text), lines_of(new_text));
  diff.onHuge();
  diff.compose();
  diff.composeUnifiedHunks();
  std::string out;
  const auto add = [&](const std::vector<Change>& changes) {
    for (const auto& [line, info] : changes)
      out += (info.type == dtl::SES_ADD      ? "+"
              : info.type == dtl::SES_DELETE ? "-"
                                             : " ") +
             line + "\n";
  };
  for (const auto& hunk : diff.getUniHunks()) {
    out += "@@ -" + range(hunk.a, hunk.b) + " +" + range(hunk.c, hunk.d) + " @@\n";
    add(hunk.common[0]);
    add(hunk.change);
    add(hunk.common[1]);
  }
  return out;
}

std::vector<std::string> body_diffs(const Definitions& from, const Definitions& to,
                                    const ObjectId& object) {
  json old_object;
  json new_object;
  if (object_in(from, object, old_object) == nullptr ||
      object_in(to, object, new_object) == nullptr)
    return {};
  const json old_flat = old_object.flatten();
  const json new_flat = new_object.flatten();
  std::vector<std::string> diffs;
  for (const auto& [key, value] : new_flat.items()) {
    if (!value.is_string()) continue;
    const std::string old_text = text_at(old_flat, key);
    const std::string new_text = value.get<std::string>();
    if (old_text == new_text || old_text.empty()) continue;
    if (old_text.find('\n') == std::string::npos && new_text.find('\n') == std::string::npos)
      continue;
    diffs.push_back(definition_diff(old_text, new_text));
  }
  return diffs;
}

}  // namespace schemasync
