#include "render/text.hpp"

#include <algorithm>
#include <map>

#include "model/migration.hpp"
#include "render/change_text.hpp"
#include "render/next_steps.hpp"
#include "render/page.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t few = 3;  // so many low changes are shown in full

std::vector<std::size_t> numbers_where(const Plan& plan, bool (*holds)(const Change&)) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < plan.changes.size(); ++i)
    if (holds(plan.changes[i])) numbers.push_back(i + 1);
  return numbers;
}

void add_header(const Plan& plan, Page& page) {
  const PlanRun& run = plan.run;
  const std::size_t width = std::max<std::size_t>(8, shown_width(run.env) + 2);
  if (!run.target.empty()) {
    std::string target = run.target;
    if (!run.server_version.empty()) target += ", PostgreSQL " + run.server_version;
    if (run.protected_target) target += " (protected)";
    page.add(padded(printable(run.env), width), target);
  }
  if (!run.models.empty())
    page.add(padded("models", width), run.models + ", " + counted(run.model_tables, "table"));
  page.blank();
}

std::string loss_line(const Plan& plan) {
  const auto lossy = numbers_where(
      plan, [](const Change& change) { return change.undo.kind == Undo::Kind::lossy; });
  const auto stuck =
      numbers_where(plan, [](const Change& change) { return change.undo.kind == Undo::Kind::no; });
  std::string line;
  line += lossy.empty() ? "No data is lost."
                        : numbered(lossy) + (lossy.size() == 1 ? " loses" : " lose") + " data.";
  if (!stuck.empty()) line += " " + numbered(stuck) + " cannot be undone.";
  return line;
}

void add_verdict(const Plan& plan, Page& page) {
  page.add("", summary_line(plan) + " " + loss_line(plan));
  for (const std::string& stop : stops(plan)) page.add("", stop);
  page.blank();
}

// What no models of this database ever had is dropped only after it was said by name.
void add_unmanaged_drops(const Plan& plan, Page& page) {
  const auto drops = numbers_where(plan, [](const Change& change) { return change.unmanaged; });
  if (drops.empty()) return;
  page.add("WARNING ", counted(std::ssize(drops), "object") +
                           (drops.size() == 1 ? " stands" : " stand") +
                           " in no models of this database, now or before, and would be dropped:");
  for (const std::size_t number : drops)
    page.add("          #" + std::to_string(number) + " ",
             plan.changes[number - 1].object.to_text());
  page.add("        ",
           "To keep them: schemasync pull writes them into the models, or set unmanaged = "
           "\"report\" or ignore in [scope].");
  page.blank();
}

void add_named(std::string_view title, const std::vector<std::string>& names, Page& page) {
  if (names.empty()) return;
  page.blank();
  page.add("", title);
  for (const std::string& name : names) page.add("  - ", name);
}

void add_notes(const Plan& plan, Page& page) {
  std::vector<std::string> unmanaged;
  for (const ObjectId& id : plan.unmanaged) unmanaged.push_back(id.to_text());
  add_named("In no models, and left as they are (unmanaged = \"" +
                std::string(to_text(plan.scope.unmanaged)) + "\"):",
            unmanaged, page);
  add_named("Notes", plan.notes, page);
}

// How the code was searched.
void add_code_search(const Plan& plan, Page& page) {
  const CodeSearch& search = plan.run.code;
  if (search.folders.empty() ||
      std::none_of(plan.changes.begin(), plan.changes.end(),
                   [](const Change& change) { return !change.code_names.empty(); }))
    return;
  page.add("", "Code searched: " + joined(search.folders, ", ") + ", " +
                   counted(search.files, "file") + ".");
  for (const std::string& note : search.notes) page.add("  ", stopped(note));
}

// What compact changes have in common is said once below them.
void add_backups(const Plan& plan, const std::vector<std::size_t>& shown, Page& page) {
  std::map<std::string, std::vector<std::size_t>> backups;
  for (const std::size_t index : shown)
    if (const Change& change = plan.changes[index]; !change.backup.empty())
      backups[change.backup].push_back(index + 1);
  bool first = true;
  for (auto& [backup, numbers] : backups) {
    std::sort(numbers.begin(), numbers.end());
    page.add(first ? "    Backup  " : "            ", stopped(numbered(numbers) + ": " + backup));
    first = false;
  }
}

void add_changes(const Plan& plan, const TextOptions& options, Page& page) {
  ChangeText text(plan, options, page);
  std::vector<std::size_t> plain;
  std::vector<std::size_t> others;
  for (const std::size_t index : ranked(plan))
    (text.is_plain(index) ? plain : others).push_back(index);
  if (options.verbose || plain.size() <= few) {
    others = ranked(plan);
    plain.clear();
  }
  for (const std::size_t index : others) {
    text.full(index);
    page.blank();
  }
  if (plain.empty()) return;
  for (const std::size_t index : plain) text.compact(index);
  page.blank();
  add_backups(plan, plain, page);
  page.add("    ", "--verbose shows " + std::string(others.empty() ? "each" : "these") +
                       " with why, locks, undo and what differs.");
  page.blank();
}

std::string rendered(const Plan& plan, const TextOptions& options) {
  Page page(options.colour);
  add_header(plan, page);
  if (plan.empty()) {
    page.add("", "No changes: the database is as the models say.");
    for (const std::string& stop : stops(plan)) page.add("", stop);
    add_notes(plan, page);
    return std::move(page).text();
  }
  add_verdict(plan, page);
  add_unmanaged_drops(plan, page);
  add_changes(plan, options, page);
  add_notes(plan, page);
  page.blank();
  page.add("", "Locks are predicted: nothing was run anywhere to prove this plan.");
  add_code_search(plan, page);
  if (options.next_number > 0)
    page.add("", trimmed("Will be recorded as " + migration_id(options.next_number, plan.slug) +
                         ". " + options.backup));
  page.blank();
  add_next_steps(plan, options, page);
  return std::move(page).text();
}

}  // namespace

std::string summary_line(const Plan& plan) {
  const auto breaking =
      numbers_where(plan, [](const Change& change) { return !change.breaking.empty(); });
  std::size_t high = 0;
  std::size_t medium = 0;
  std::size_t low = 0;
  for (std::size_t i = 0; i < plan.changes.size(); ++i) switch (shown_level(plan, i)) {
      case Level::high:
        ++high;
        break;
      case Level::medium:
        ++medium;
        break;
      case Level::low:
        ++low;
        break;
    }
  return counted(std::ssize(plan.changes), "change") + ": " + std::to_string(high) + " high, " +
         std::to_string(medium) + " medium, " + std::to_string(low) + " low." +
         (breaking.empty() ? ""
                           : " " + std::to_string(breaking.size()) +
                                 (breaking.size() == 1 ? " breaks" : " break") +
                                 " running code: " + numbered(breaking) + ".");
}

std::string target_option(const PlanRun& run) {
  if (run.env.empty() || run.env == "dev") return "";
  if (run.env == "url") return "--url URL";
  return "--env " + run.env;
}

std::string plan_text(const Plan& plan, const TextOptions& options) {
  return options.facts ? rendered(plan, options) : rendered(without_facts(plan), options);
}

std::string diff_text(const Plan& plan, std::string_view from, std::string_view to,
                      const TextOptions& options) {
  const Plan bare = without_facts(plan);
  Page page(options.colour);
  const std::string operands = std::string(from) + " -> " + std::string(to);
  if (bare.empty()) {
    page.add("", operands + ": no difference.");
    add_notes(bare, page);
    return std::move(page).text();
  }
  page.add("", operands);
  page.add("", summary_line(bare) + " " + loss_line(bare));
  page.blank();
  ChangeText text(bare, options, page);
  for (const std::size_t index : ranked(bare)) {
    text.difference(index);
    page.blank();
  }
  add_notes(bare, page);
  return std::move(page).text();
}

}  // namespace schemasync
