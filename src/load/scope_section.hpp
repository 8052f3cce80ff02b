// [scope] and [naming] of the model files: any file may hold each, once in the folder. load/models
// calls it; what schemasync does not know there is a mistake.
#pragma once

#include <optional>

#include "model/scope.hpp"
#include "toml/section.hpp"

namespace schemasync {

// Where [scope] stands by custom, and where pull writes it.
constexpr const char* scope_file = "scope.toml";

class ScopeSections {
 public:
  explicit ScopeSections(Mistakes& mistakes) : mistakes_(mistakes) {}

  void read(Section& file);  // the top of a file
  const Scope& scope() const { return scope_; }
  const Naming& naming() const { return naming_; }
  // Where [scope] stands; line 0 where no file has one.
  const Source& scope_place() const { return scope_place_; }

 private:
  bool is_first(const Section& section, Source& place);
  void read_scope(Section& section);
  void read_naming(Section& section);

  Mistakes& mistakes_;
  Scope scope_;
  Naming naming_;
  Source scope_place_;
  Source naming_place_;
};

}  // namespace schemasync
