#include "apply/executor.hpp"

#include <filesystem>
#include <set>

#include "apply/history.hpp"
#include "cli/backups.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/outputs.hpp"
#include "cli/planning.hpp"
#include "cli/policy.hpp"
#include "cli/progress.hpp"
#include "render/text.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

ApplyOptions apply_options(const Options& options, const Target& target, const Policy& policy) {
  ApplyOptions apply;
  apply.timeouts = target.timeouts();
  apply.name = options.name;
  apply.target_option = target.option();
  apply.dry_run = options.dry_run;
  apply.terminate = options.terminate;
  apply.allow_publication = allows_word(policy, "publication");
  apply.discard_kept = options.discard_kept;
  apply.saved = !options.plan_file.empty();
  apply.adopt = options.adopt;
  apply.rollback_on_failure = options.on_failure == "rollback";
  apply.allow_unknown = [policy](const Change& change) {
    return allows_word(policy, change.rule) ||
           allows_word(policy, change.rule + ":" + change.object.shown());
  };
  return apply;
}

// Is the database as this very plan left it? A deployment that runs twice is no mistake.
bool is_applied(const Plan& saved, Connection& db, const Journal& journal) {
  const auto standing = journal.standing();
  if (standing.empty() || standing.back()->plan_id != plan_id(saved)) return false;
  const auto drift = drift_since(db, journal, definitions_reader()(db, saved.scope), saved.scope);
  return drift && drift->empty();
}

// What the result lacks of the models: the plan made again, which should be empty.
struct StillAsked {
  std::vector<std::string> of_plan, of_others;  // summaries
};

// What the models still ask for; of others: in tables that a saved plan does not speak of, and that
// somebody changed since it was made.
StillAsked still_asked(Target& target, const Models& models, const Plan* saved) {
  std::set<ObjectId> spoken_of;
  if (saved != nullptr)
    for (const auto* state : {&saved->from, &saved->to})
      for (const auto& [id, definition] : *state) spoken_of.insert(id.owner());
  StillAsked left;
  for (const Change& change :
       make_plan(target, models, read_journal(*target.db), {.checks = false}).changes) {
    const bool others = saved != nullptr && !spoken_of.contains(change.object.owner());
    (others ? left.of_others : left.of_plan).push_back(change.summary);
  }
  return left;
}

// A saved plan says what it was made from; with the models at hand, they must say the same.
void compare_with_models(const Plan& saved, const Models& models) {
  if (saved.models_hash.empty() || saved.models_hash == models.hash) return;
  throw Error("the models are not those that the plan was made from",
              "plan again, or check out the models of that plan", ExitCode::stale);
}

const std::string saved_plan = "a saved plan is applied with --yes";

// `not_compared`: why the result could not be held against the models; "" when it was.
void say_result(const Options& options, const Applied& applied, const Target& target,
                const std::string& not_compared) {
  if (applied.baseline_recorded) tell(options, "recorded the database as it was as 0000");
  if (applied.adopted) tell(options, "the journal is this database's own from now on");
  if (applied.accepted > 0)
    tell(options, counted(applied.accepted, "object") +
                      " changed outside schemasync: the models say the same, so this is the state "
                      "from now on");
  if (applied.migration.empty()) {
    tell(options, "No changes: the database is as the models say.");
    return;
  }
  print(applied.migration + (applied.resumed ? " resumed and applied, " : " applied, ") +
        counted(applied.steps, "step") + ", " + std::to_string(applied.elapsed.count()) +
        (not_compared.empty() ? " ms. The database is as the models say.\n" : " ms.\n") +
        "Back: schemasync rollback" + (target.option().empty() ? "" : " " + target.option()));
  for (const std::string& note : applied.notes) print("  " + note);
  if (!not_compared.empty())
    tell(options,
         "what was made could not be compared with the models: a scratch database lacks something "
         "that PostgreSQL needs to spell it\n  " +
             not_compared);
}

std::string question(const Plan& plan, const Target& target) {
  return "Apply " + counted(static_cast<std::int64_t>(plan.changes.size()), "change") + " to " +
         target.shown() + "?";
}

}  // namespace

ExitCode run_apply(const Options& options) {
  check_outputs(options);
  const Config config = open_config(options);
  const bool saved = !options.plan_file.empty();
  const std::vector<std::filesystem::path> code =
      saved ? std::vector<std::filesystem::path>{} : code_to_search(config);
  std::optional<Plan> plan;
  if (saved) plan = plan_from_json(text_of_file(options.plan_file));
  std::optional<Models> models;
  if (!saved || std::filesystem::exists(config.models))
    models = load_models(config.models, config.models_shown);
  if (plan && models) compare_with_models(*plan, *models);

  Target target = open_target(options);
  if (saved) say_header(options, target);  // else the plan's text begins with it
  const Journal journal = read_journal(*target.db);
  if (!journal.note.empty() && !options.adopt) tell(options, "note: " + journal.note);
  if (models) resolve_model_types(*models, target.db.get());
  const Policy policy{target.env().allow, options.allow};
  const ApplyOptions apply_with = apply_options(options, target, policy);
  ProgressLine progress(options);
  ApplyDoors doors;
  doors.read = definitions_reader();
  doors.progress = [&](const Progress& one) { progress.show(one); };
  doors.note = [&](const std::string& text) { tell(options, text); };
  doors.backup = [&](const Plan& one, const std::string& id, const std::function<bool()>& stop) {
    return back_up_affected(options, target, "before_" + id + ".sql", journal.last_id(),
                            touched_now(*target.db, one), stop);
  };
  std::string not_compared;
  if (models)
    doors.verify = [&](Connection&) -> std::vector<std::string> {
      try {
        StillAsked left = still_asked(target, *models, saved ? &*plan : nullptr);
        for (const std::string& one : left.of_others)
          tell(options, "note: the database moved on since the plan was made: " + one);
        return std::move(left.of_plan);
      } catch (const MistakesError& error) {
        // The plan had none: it is about what was made again, and no failure of what was applied.
        const Mistake& first = error.mistakes().front();
        not_compared = first.where.to_text() + ": " + first.what;
        return {};
      }
    };

  if (would_resume(journal, models ? models->hash : "", plan ? plan_id(*plan) : "",
                   target.option())) {
    if (!saved) say_header(options, target);
    confirm(options, target, "Go on with " + journal.interrupted()->id + "?", saved, saved_plan);
    const Applied applied = resume(*target.db, apply_with, doors);
    progress.clear();
    say_result(options, applied, target, not_compared);
    return ExitCode::ok;
  }
  if (plan && is_applied(*plan, *target.db, journal)) {
    print("This plan was applied already, as " + journal.last_id() + ". Nothing to do.");
    return ExitCode::ok;
  }
  if (!plan) {
    plan = make_plan(target, *models, journal,
                     {.discard_kept = options.discard_kept,
                      .allow_publication = apply_with.allow_publication,
                      .at = [&](const std::string& work) { progress.at(work); },
                      .code = code});
    progress.clear();
    if (plan->empty())
      say_header(options, target);
    else
      print(rendered(*plan, "text", options, announced(target, *plan, journal.next_number)));
  }
  check_words(policy, *plan);
  refuse_if_needed(policy, *plan);
  if (!options.outputs.empty())
    write_outputs(*plan, options, announced(target, *plan, journal.next_number));
  if (options.dry_run) {
    const Applied dry = apply(*plan, *target.db, apply_with, doors);
    for (const std::string& statement : dry.statements) print(statement + ";");
    tell(options, "Dry run: nothing was changed.");
    return ExitCode::ok;
  }
  if (!plan->empty()) confirm(options, target, question(*plan, target), saved, saved_plan);
  const Applied applied = apply(*plan, *target.db, apply_with, doors);
  progress.clear();
  say_result(options, applied, target, not_compared);
  return ExitCode::ok;
}

}  // namespace schemasync
