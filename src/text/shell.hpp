// Words of the commands that messages tell people to run.
#pragma once

#include <string>
#include <string_view>

namespace schemasync {

// As a POSIX shell takes it: as it is, or in single quotes where it holds anything special.
std::string shell_word(std::string_view word);

}  // namespace schemasync
