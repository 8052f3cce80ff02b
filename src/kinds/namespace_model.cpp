#include "kinds/model_file.hpp"
#include "kinds/namespace.hpp"

namespace schemasync {
namespace {

constexpr std::array<std::string_view, 2> schema_privileges = {"create", "usage"};

}  // namespace

bool is_name_of_schema(const Text& name, Mistakes& mistakes) {
  const bool own = name.text == "schemasync";
  if (!own && !name.text.starts_with("pg_") && name.text != "information_schema") return true;
  mistakes.add(name.where, name.length, "schema " + name.text + " is not for objects of yours",
               own ? "it holds the journal of schemasync" : "it is PostgreSQL's own");
  return false;
}

void Namespace::load(ModelFile& file, const Text& name, Section& section) {
  if (!is_name_of_schema(name, file.mistakes())) return;
  Namespace made;
  made.id = {"schema", "", "", name.text};
  made.where = name.where;
  made.stated = true;
  load_comment(section, made);
  load_owner(section, made);
  load_grants(section, made, schema_privileges);
  load_renamed_from(section, made);
  file.loading.add(std::move(made));
}

void Namespace::complete(Loading& loading) {
  std::map<std::string, Source> used = loading.mentioned();
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : loading.schema().template all<K>())
      if (!id.schema.empty()) used.insert({id.schema, {}});
  });
  for (const auto& [name, where] : used) {
    Namespace made;
    made.id = {"schema", "", "", name};
    made.where = where;
    if (!loading.schema().has(made.id)) loading.schema().add(std::move(made));
  }
}

}  // namespace schemasync
