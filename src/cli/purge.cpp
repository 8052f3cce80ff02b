#include "apply/purge.hpp"

#include <set>

#include "apply/executor.hpp"
#include "cli/backups.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

std::string why_of(const Purgeable& one) {
  if (one.holds_rest) return "is back but for what it holds still, kept since " + one.made_at;
  if (one.state == "restored") return "is back already";
  if (one.state == "discarded") return "was left by --discard-kept";
  return "kept since " + one.made_at;
}

std::string listed(const std::vector<Purgeable>& all) {
  std::string text;
  for (const Purgeable& one : all)
    text += "  a" + std::to_string(one.number) + "  " + one.object.to_text() + "  " +
            size_text(one.bytes) + "  of " + one.migration + ", " + why_of(one) +
            (one.columns.empty()
                 ? ""
                 : ", a hidden column of " + display_name(one.columns.front().table.name)) +
            "\n";
  return text;
}

// What no rollback can bring back from then on.
std::string lost_ways(const std::vector<Purgeable>& all) {
  std::set<std::string> migrations;
  for (const Purgeable& one : all)
    if (one.loses_way_back) migrations.insert(one.migration);
  if (migrations.empty()) return "No rollback needs any of it.";
  return "A rollback over " + joined({migrations.begin(), migrations.end()}, ", ") +
         " is refused from then on; with --allow data-loss it brings these back empty.";
}

}  // namespace

ExitCode run_purge(const Options& options) {
  std::optional<std::int64_t> age;
  if (!options.older_than.empty()) age = parse_age(options.older_than);
  Target target = open_target(options);
  say_header(options, target);
  const Journal journal = read_journal(*target.db);
  if (!journal.note.empty()) tell(options, "note: " + journal.note);
  stop_if_interrupted(journal, target.option());
  const std::vector<Purgeable> all =
      journal.exists ? purgeable(*target.db, age) : std::vector<Purgeable>{};
  if (all.empty()) {
    std::string still;
    if (!journal.kept.empty())
      still = ", and " + counted(static_cast<std::int64_t>(journal.kept.size()), "thing") +
              " that rollback may need: --older-than 30d takes what is older";
    print("Nothing to purge: nothing is kept" +
          (still.empty() ? std::string(".") : " without need" + still + "."));
    return ExitCode::ok;
  }
  std::string text = listed(all) + lost_ways(all);
  print(text);
  if (options.dry_run) {
    tell(options, "Dry run: nothing was dropped.");
    return ExitCode::ok;
  }
  confirm(options, target, "Drop these for good?", false);
  const ApplyLock lock(*target.db, {target.timeouts().lock_ms, options.terminate,
                                    [&](const std::string& note) { tell(options, note); }});
  // Only a full backup holds what is kept.
  if (target.env().is_protected)
    back_up(options, target, "before_purge.sql", journal.last_id(), {});
  std::int64_t dropped = 0;
  std::int64_t bytes = 0;
  for (const Purgeable& one : all) {
    lock.check();
    if (!purge(*target.db, one, target.timeouts())) continue;
    ++dropped;
    bytes += one.bytes;
  }
  print("Purged " + counted(dropped, "archive") + ", " + size_text(bytes) + ".");
  return ExitCode::ok;
}

}  // namespace schemasync
