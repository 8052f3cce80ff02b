#include <algorithm>

#include "kinds/enum.hpp"
#include "kinds/model_file.hpp"

namespace schemasync {
namespace {

constexpr std::array<std::string_view, 1> type_privileges = {"usage"};

// A label: "calm", or { value = "cross", renamed_from = "angry" }.
void add_label(Enum& made, const Node& value, Section& section) {
  std::optional<Text> label;
  std::vector<Text> old;
  if (value.is_string()) {
    label = text_of(value);
  } else if (value.is_table()) {
    Section one(value, "a value of " + section.subject(), section.mistakes());
    label = one.required_text("value");
    old = one.text_or_list("renamed_from").value_or(std::vector<Text>{});
    one.finish();
  } else {
    section.reject_type("values", value, "strings, or { value = ..., renamed_from = ... }");
  }
  if (!label) return;
  if (!label->text.empty() && !is_name(*label, "label", section.mistakes())) return;
  if (std::find(made.labels.begin(), made.labels.end(), label->text) != made.labels.end()) {
    section.mistakes().add(label->where, label->length,
                           "label \"" + label->text + "\" stands twice in " + section.subject());
    return;
  }
  made.labels.push_back(label->text);
  for (const Text& before : old) made.renamed_labels.insert({label->text, before.text});
}

}  // namespace

void Enum::load(ModelFile& file, const Text& name, Section& section) {
  Enum made;
  made.id = {"enum", file.schema, "", name.text};
  made.where = name.where;
  if (!section.has("values"))
    section.reject_missing("values", "write values = [\"one\", \"two\"], in their order");
  if (const Node* values = section.any("values")) {
    if (!values->is_array()) section.reject_type("values", *values, "a list of strings");
    for (const Node& value : values->elements) add_label(made, value, section);
  }
  const auto swapped = [&](const auto& one) {
    return std::any_of(
        made.renamed_labels.begin(), made.renamed_labels.end(),
        [&](const auto& two) { return one.first == two.second && one.second == two.first; });
  };
  for (const auto& [now, before] : made.renamed_labels)
    if (now <= before && swapped(std::pair(now, before)))
      section.reject("values", "labels \"" + now + "\" and \"" + before + "\" swap their names",
                     "do it in two plans, through a third name");
  load_comment(section, made);
  load_owner(section, made);
  load_grants(section, made, type_privileges);
  load_renamed_from(section, made);
  file.loading.add(std::move(made));
}

}  // namespace schemasync
