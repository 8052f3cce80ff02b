#include "cli/outputs.hpp"

#include <filesystem>

#include "cli/console.hpp"
#include "render/sql.hpp"
#include "render/text.hpp"
#include "text/strings.hpp"

namespace schemasync {

std::string rendered(const Plan& plan, const std::string& format, const Options& options,
                     const Target* target, int next_number) {
  const Plan& shown = options.no_facts ? without_facts(plan) : plan;
  if (format == "json")
    return plan_to_json(shown,
                        options.samples.value_or(false) ? Samples::keep : Samples::leave_out);
  if (format == "sql") return options.down ? plan_down_sql(shown) : plan_sql(shown);
  if (format != "text")
    throw Error("there is no format \"" + format + "\"", "the formats are text, json and sql");
  TextOptions text;
  text.colour = colour_wanted(options, true);
  text.samples = options.samples.value_or(true);
  text.facts = !options.no_facts;
  text.verbose = options.verbose;
  text.next_number = next_number;
  if (target != nullptr) {
    text.lock_timeout = target->env().lock_timeout_ms % 1000 == 0
                            ? std::to_string(target->env().lock_timeout_ms / 1000) + "s"
                            : std::to_string(target->env().lock_timeout_ms) + "ms";
    text.target_option = target->option();
  }
  return plan_text(plan, text);
}

void write_outputs(const Plan& plan, const Options& options, const Target* target,
                   int next_number) {
  for (const std::string& file : options.outputs) {
    const std::string extension = std::filesystem::path(file).extension().string();
    const std::string format = extension == ".txt" ? "text"
                               : extension.empty() ? ""
                                                   : extension.substr(1);
    Options plain = options;
    plain.no_color = true;
    if (!options.samples) plain.samples = false;  // a file goes further than a terminal
    write_file(file, rendered(plan, format, plain, target, next_number));
    tell(options, "wrote " + file);
  }
}

}  // namespace schemasync
