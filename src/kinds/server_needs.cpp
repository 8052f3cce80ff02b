#include "kinds/server_needs.hpp"

#include <algorithm>

namespace schemasync {
namespace {

// The one privilege that came after 13.
bool grants_maintain(const Object& object) {
  if (!object.aspects.grants) return false;
  return std::any_of(
      object.aspects.grants->begin(), object.aspects.grants->end(), [](const Grant& grant) {
        return std::find(grant.privileges.begin(), grant.privileges.end(), "maintain") !=
               grant.privileges.end();
      });
}

}  // namespace

std::vector<Mistake> beyond_server(const Schema& models, int major) {
  std::vector<Mistake> mistakes;
  const auto note = [&](const Object& object, const ServerNeed& need) {
    if (need.major <= major) return;
    mistakes.push_back({object.where, 1,
                        object.id.shown() + ": " + need.what + " needs PostgreSQL " +
                            std::to_string(need.major) + ", and the server is " +
                            std::to_string(major),
                        "take it out of the models, or upgrade the server"});
  };
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : models.all<K>()) {
      if constexpr (requires { K::newest(object); })
        if (const std::optional<ServerNeed> need = K::newest(object)) note(object, *need);
      if (grants_maintain(object)) note(object, {17, "the privilege \"maintain\""});
    }
  });
  return mistakes;
}

}  // namespace schemasync
