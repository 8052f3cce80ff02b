#include "kinds/enum.hpp"
#include "kinds/model_writing.hpp"

namespace schemasync {
namespace {

Toml toml_of(const std::string& label, const Enum& type) {
  const auto [first, last] = type.renamed_labels.equal_range(label);
  if (first == last) return toml_text(label);
  std::vector<std::string> old;
  for (auto one = first; one != last; ++one) old.push_back(one->second);
  TomlMembers members = {{"value", toml_text(label)}};
  add_renamed_from(members, old);
  return toml_table(std::move(members));
}

}  // namespace

void Enum::take_intent(const Enum& of_models) { renamed_labels = of_models.renamed_labels; }

void Enum::write(const Enum& type, const Writing&, TomlWriter& out) {
  std::vector<Toml> labels;
  for (const std::string& label : type.labels) labels.push_back(toml_of(label, type));
  TomlMembers own = {{"values", wrapped_list(labels)}};
  add_renamed_from(own, type.renamed_from);
  write_header(out, {std::string(header), type.id.name}, std::move(own), type);
}

}  // namespace schemasync
