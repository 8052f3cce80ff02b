#include "model/rule.hpp"

namespace schemasync {

std::string Rule::id_for(std::string_view kind) const {
  if (!id.text().starts_with("*")) return std::string(id.text());
  return std::string(kind) + std::string(id.text().substr(1));
}

}  // namespace schemasync
