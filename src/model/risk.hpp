// How dangerous a change is, and why. A Risk cannot be left out (no default constructor), its base
// is the contract of its rule, and context only raises it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schemasync {

enum class Level { low, medium, high };

std::string_view to_text(Level level);  // "low"
std::optional<Level> parse_level(std::string_view text);

struct Risk {
  Level base;
  Level level;                       // the base, raised by structural reasons
  std::vector<std::string> reasons;  // the consequence in the user's terms, the first for the base

  Risk(Level base_level, std::string why)
      : base(base_level), level(base_level), reasons{std::move(why)} {}

  void raise(Level to, std::string why) {
    if (to > level) level = to;
    reasons.push_back(std::move(why));
  }
  bool operator==(const Risk&) const = default;
};

}  // namespace schemasync
