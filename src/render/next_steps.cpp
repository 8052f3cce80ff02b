#include "render/next_steps.hpp"

#include <algorithm>

#include "text/strings.hpp"

namespace schemasync {
namespace {

using Status = CheckResult::Status;

std::size_t count_checks(const Plan& plan, Status status) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < plan.changes.size() && i < plan.run.changes.size(); ++i)
    for (std::size_t c = 0; c < plan.run.changes[i].checks.size(); ++c)
      if (plan.run.changes[i].checks[c].status == status && c < plan.changes[i].checks.size() &&
          plan.changes[i].checks[c].stops)
        ++count;
  return count;
}

bool has_repairs(const Plan& plan) {
  for (std::size_t i = 0; i < plan.changes.size() && i < plan.run.changes.size(); ++i)
    for (std::size_t c = 0; c < plan.run.changes[i].checks.size(); ++c)
      if (plan.run.changes[i].checks[c].status == Status::failed &&
          c < plan.changes[i].checks.size() && !plan.changes[i].checks[c].repairs.empty())
        return true;
  return false;
}

Level highest(const Plan& plan) {
  Level level = Level::low;
  for (std::size_t i = 0; i < plan.changes.size(); ++i)
    level = std::max(level, shown_level(plan, i));
  return level;
}

const Change* riskiest_of(const Plan& plan) {
  const Change* found = nullptr;
  for (std::size_t i = 0; i < plan.changes.size(); ++i)
    if (shown_level(plan, i) == highest(plan) && found == nullptr) found = &plan.changes[i];
  return found;
}

// Numbered lines, and under them commands without a number; what a command does stands beside it.
class Steps {
 public:
  void say(std::string text) { entries_.push_back({lead(), std::move(text), ""}); }
  void command(std::string command, std::string what) {
    entries_.push_back({lead(), std::move(command), std::move(what)});
  }
  void also(std::string command, std::string what) {
    entries_.push_back({std::string(6, ' '), std::move(command), std::move(what)});
  }

  void write(Page& page) const {
    std::size_t beside = 0;
    for (const Entry& entry : entries_)
      if (const std::size_t used = entry.lead.size() + shown_width(entry.text);
          !entry.what.empty() && used <= widest)
        beside = std::max(beside, used + 2);
    for (const Entry& entry : entries_) {
      const std::string start = entry.lead + entry.text;
      if (entry.what.empty()) {
        page.add(entry.lead, entry.text);
      } else if (shown_width(start) <= widest) {
        page.add(padded(start, beside), entry.what);
      } else {
        page.verbatim(0, start);
        page.add(std::string(12, ' '), entry.what);
      }
    }
  }

 private:
  struct Entry {
    std::string lead;
    std::string text;
    std::string what;  // beside a command
  };
  static constexpr std::size_t widest = 56;

  std::string lead() {
    return (entries_.empty() ? "Next  " : "      ") + std::to_string(++number_) + ". ";
  }

  std::vector<Entry> entries_;
  int number_ = 0;
};

std::string how_it_asks(const Plan& plan) {
  if (plan.run.protected_target) return "plans again, asks you to type \"" + plan.run.env + "\"";
  return "plans again, and asks before it changes anything";
}

}  // namespace

std::vector<std::string> stops(const Plan& plan) {
  std::vector<std::string> lines;
  if (plan.mostly_unmanaged)
    lines.push_back(
        "STOP: the models are empty, or more than half of what is there stands in no models: apply "
        "refuses (exit 3) unless --allow high stands on its command line.");
  if (plan.scope.unmanaged == Unmanaged::refuse && !plan.unmanaged.empty())
    lines.push_back(
        "STOP: " + counted(std::ssize(plan.unmanaged), "object stands", "objects stand") +
        " in no models, and unmanaged = \"refuse\": apply would change "
        "nothing and exit 3.");
  const std::string allow = allowances(plan);
  const std::string with = allow.empty() ? "" : "with " + allow + ", ";
  if (const std::size_t failed = count_checks(plan, Status::failed); failed > 0)
    lines.push_back(
        "STOP: " + counted(static_cast<std::int64_t>(failed), "check fails", "checks fail") + ": " +
        with + "apply would change nothing and exit 4.");
  if (const std::size_t unknown = count_checks(plan, Status::unknown); unknown > 0)
    lines.push_back("STOP: " + counted(static_cast<std::int64_t>(unknown), "check") +
                    " ran past statement_timeout: apply would change nothing and exit 4, unless "
                    "--allow names the rule of that change.");
  return lines;
}

std::string allowances(const Plan& plan) {
  std::vector<std::string> parts;
  const Level level = highest(plan);
  if (level > plan.run.allow || plan.mostly_unmanaged)
    parts.push_back("--allow " + std::string(to_text(plan.mostly_unmanaged ? Level::high : level)));
  if (std::any_of(plan.changes.begin(), plan.changes.end(),
                  [](const Change& change) { return change.undo.kind == Undo::Kind::lossy; }))
    parts.push_back("--allow data-loss");
  return joined(parts, " ");
}

void add_next_steps(const Plan& plan, const TextOptions& options, Page& page) {
  const std::string target =
      options.target_option.empty() ? target_option(plan.run) : options.target_option;
  const auto command = [&](const std::string& name, const std::string& arguments = {}) {
    return "schemasync " + name + (target.empty() ? "" : " " + target) +
           (arguments.empty() ? "" : " " + arguments);
  };
  Steps steps;
  if (count_checks(plan, Status::failed) > 0)
    steps.say(std::string(has_repairs(plan) ? "Run a repair with psql"
                                            : "Settle what the failed checks name") +
              ", then " + command("plan") + " again.");
  std::int64_t places = 0;
  std::vector<std::size_t> breaking;  // but for those that the search in the code speaks of
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    places += code_places(plan, i);
    const bool searched = !plan.run.code.folders.empty() && !plan.changes[i].code_names.empty();
    if (!plan.changes[i].breaking.empty() && !searched) breaking.push_back(i + 1);
  }
  if (places > 0)
    steps.say("Change the " + (places == 1 ? "place" : with_commas(places) + " places") +
              " above and deploy that code.");
  if (!breaking.empty())
    steps.say("Make the running code ready for " + numbered(breaking) + " (see Breaks).");
  const std::string allow = allowances(plan);
  std::string asks = how_it_asks(plan);
  if (highest(plan) > plan.run.allow)
    asks +=
        "; " + plan.run.env + " runs up to " + std::string(to_text(plan.run.allow)) + " without it";
  steps.command(command("apply", allow), asks);
  steps.also(command("plan", "--format sql"), "the statements (--down: the way back)");
  if (const Change* riskiest = riskiest_of(plan))
    steps.also("schemasync explain " + riskiest->rule, "the risk and the safer way");
  steps.write(page);
}

}  // namespace schemasync
