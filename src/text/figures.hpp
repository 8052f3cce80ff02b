// Texts with holes for figures, as checks and repairs have them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace schemasync {

// {0} is the first figure, {0|row|rows} that figure with its noun, {0:has|have} the word alone that
// goes with it: "{0|group|groups}: {1} rows; {2|card points|cards point} at these" with 1, 1234 and
// 0 -> "1 group: 1,234 rows". A clause behind the first one is left out when all its figures are 0.
std::string with_figures(std::string_view text, const std::vector<std::int64_t>& figures);

}  // namespace schemasync
