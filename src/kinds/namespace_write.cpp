#include "kinds/model_writing.hpp"
#include "kinds/namespace.hpp"

namespace schemasync {
namespace {

bool holds_anything(const Schema& schema, const std::string& name) {
  bool found = false;
  for_each_kind([&]<class K>() {
    const auto& all = schema.all<K>();
    const auto first = all.lower_bound({std::string(K::kind), name, "", ""});
    found = found || (first != all.end() && first->first.schema == name);
  });
  return found;
}

}  // namespace

// A schema that a file names exists implicitly, and public always.
bool Namespace::is_written(const Namespace& space, const Schema& schema) {
  if (space.stated || space.where.line != 0) return space.stated;
  if (space.id.name == "public") return false;
  return space.aspects != Aspects{} || !holds_anything(schema, space.id.name);
}

void Namespace::take_intent(const Namespace& of_models) { stated = of_models.stated; }

void Namespace::write(const Namespace& space, const Writing&, TomlWriter& out) {
  TomlMembers own;
  add_renamed_from(own, space.renamed_from);
  write_header(out, {std::string(header), space.id.name}, std::move(own), space);
}

}  // namespace schemasync
