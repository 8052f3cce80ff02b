#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/rules.hpp"
#include "text/strings.hpp"

namespace schemasync {

ExitCode run_explain(const Options& options) {
  const bool one = !options.topic.empty();
  const std::vector<NamedRule> rules =
      one ? std::vector<NamedRule>{find_rule(options.topic)} : all_rules();
  if (options.format == "json") {
    print(rules_json(rules));
  } else if (options.format == "markdown") {
    print(one ? rules_markdown(rules) : rules_page(rules));
  } else {
    const bool colour = colour_wanted(options, true);
    print(one ? rule_text(rules.front(), colour) : rules_text(rules, colour));
  }
  return ExitCode::ok;
}

}  // namespace schemasync
