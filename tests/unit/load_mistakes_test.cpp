// What `check` finds, as a table: a file, and each mistake with its place and hint.
#include <doctest/doctest.h>

#include "text/strings.hpp"
#include "unit/models_folder.hpp"

namespace {

struct Case {
  const char* file;
  std::vector<std::string> mistakes;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    CAPTURE(one.file);
    CHECK(schemasync::joined(ModelsFolder(one.file).mistakes(), "\n") ==
          schemasync::joined(one.mistakes, "\n"));
  }
}

// Columns of a table t, one line each from line 2 on.
std::string columns(const std::string& lines) { return "[table.t.columns]\n" + lines; }

}  // namespace

