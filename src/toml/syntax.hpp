// What is wrong with a file that is not TOML, in our words and with what to write instead.
// parse.cpp asks with the place where toml++ gave up and its description, which is shown only where
// nothing here fits.
#pragma once

#include <string>
#include <string_view>

#include "text/error.hpp"
#include "toml/text_place.hpp"

namespace schemasync {

Mistake syntax_mistake(const std::string& file, const TextPlaces& places, LineColumn at,
                       std::string_view description);

}  // namespace schemasync
