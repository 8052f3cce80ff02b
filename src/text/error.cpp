#include "text/error.hpp"

namespace schemasync {

std::string Source::to_text() const {
  if (line == 0) return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace schemasync
