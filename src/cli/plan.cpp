#include <algorithm>

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/outputs.hpp"
#include "cli/planning.hpp"
#include "cli/progress.hpp"

namespace schemasync {
namespace {

bool stopped_by_check(const Plan& plan) {
  for (const ChangeRun& change : plan.run.changes)
    for (const CheckResult& result : change.checks)
      if (result.status == CheckResult::Status::failed) return true;
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
  print(rendered(plan, options.format, options, &target, journal.next_number));
  write_outputs(plan, options, &target, journal.next_number);
  if (options.strict && !plan.notes.empty())
    throw Error("--strict: there is something that schemasync does not model",
                "it is listed above");
  if (!options.exit_code) return ExitCode::ok;
  if (stopped_by_check(plan)) return ExitCode::check_failed;
  return plan.empty() ? ExitCode::ok : ExitCode::pending;
}

}  // namespace schemasync
