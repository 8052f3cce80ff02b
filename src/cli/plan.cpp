#include <algorithm>

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/outputs.hpp"
#include "cli/planning.hpp"
#include "cli/progress.hpp"

namespace schemasync {
namespace {

// Apply stops at a check without an answer as at one that fails.
bool stopped_by_check(const Plan& plan) {
  for (std::size_t i = 0; i < plan.run.changes.size(); ++i) {
    const std::vector<CheckResult>& results = plan.run.changes[i].checks;
    for (std::size_t c = 0; c < results.size(); ++c) {
      const bool unknown = results[c].status == CheckResult::Status::unknown;
      if (results[c].status == CheckResult::Status::failed ||
          (unknown && plan.changes[i].checks[c].stops))
        return true;
    }
  }
  return false;
}

}  // namespace

ExitCode run_plan(const Options& options) {
  check_outputs(options);
  const Config config = open_config(options);
  const std::vector<std::filesystem::path> code =
      options.no_facts ? std::vector<std::filesystem::path>{} : code_to_search(config);
  auto [models, target, ahead, journal] = open_models_and_target(options, config);
  if (options.format != "text") say_header(options, target);  // the text begins with it
  if (!journal.note.empty()) tell(options, "note: " + journal.note);
  if (const Migration* stopped = journal.interrupted())
    throw Error((stopped->direction == Direction::up ? "migration " : "the rollback of ") +
                    stopped->id + " was interrupted",
                stopped->direction == Direction::up
                    ? "`schemasync apply` with the same models goes on with it, `schemasync "
                      "rollback` takes it back"
                    : "`schemasync rollback` goes on with it",
                ExitCode::interrupted);
  resolve_model_types(models, target.db.get());
  ProgressLine progress(options);
  const Plan plan = make_plan(target, std::move(models), journal,
                              {.checks = !options.no_facts,
                               .at = [&](const std::string& work) { progress.at(work); },
                               .code = code,
                               .ahead = ahead.get()});
  progress.clear();
  const Announced apply = announced(target, plan, journal.next_number);
  print(rendered(plan, options.format, options, apply));
  write_outputs(plan, options, apply);
  if (options.strict && leaves_something_unmodelled(plan))
    throw Error("--strict: there is something that schemasync does not model",
                "it is listed above");
  if (!options.exit_code) return ExitCode::ok;
  if (stopped_by_check(plan)) return ExitCode::check_failed;
  return plan.empty() ? ExitCode::ok : ExitCode::pending;
}

}  // namespace schemasync
