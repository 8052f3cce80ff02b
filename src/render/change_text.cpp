#include "render/change_text.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "render/body_diff.hpp"
#include "text/figures.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t label_indent = 4;
constexpr std::size_t text_indent = 12;
constexpr std::size_t sample_indent = 20;

// PostgreSQL's table locks, weakest first.
constexpr std::array<std::string_view, 8> lock_modes = {
    "ACCESS SHARE", "ROW SHARE",           "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE",
    "SHARE",        "SHARE ROW EXCLUSIVE", "EXCLUSIVE",     "ACCESS EXCLUSIVE"};

std::size_t strength(std::string_view mode) {
  return static_cast<std::size_t>(std::find(lock_modes.begin(), lock_modes.end(), mode) -
                                  lock_modes.begin());
}

}  // namespace

namespace phrases {

std::string place(const Source& where) {
  if (where.line == 0) return where.file;
  return where.file + ":" + std::to_string(where.line);
}

std::string without_stop(std::string text) {
  text = std::string(trimmed(text));
  while (text.ends_with('.')) text.pop_back();
  return text;
}

std::string sentence_on(const Change& change, const std::string& text) {
  std::string_view word = text;
  word = word.substr(0, word.find_first_of(" .,:;"));
  const auto is_name = [&](const ObjectId& id) { return word == id.name || word == id.table; };
  const bool named =
      is_name(change.object) || std::any_of(change.tables.begin(), change.tables.end(), is_name);
  return named ? stopped(text) : sentence(text);
}

std::set<std::string> made_relations(const Plan& plan) {
  std::set<std::string> made;
  for (const Change& change : plan.changes)
    if (change.drops.empty() && !change.rebuilds)  // else it is there, and locked
      for (const ObjectId& id : change.creates) made.insert(id.shown());
  return made;
}

std::string lock_list(const std::vector<Step>& steps, const std::set<std::string>& made) {
  std::map<std::string, std::string> strongest;
  for (const Step& step : steps)
    for (const Lock& lock : step.locks) {
      if (made.count(lock.relation) > 0) continue;
      std::string& mode = strongest[lock.relation];
      if (mode.empty() || strength(lock.mode) > strength(mode)) mode = lock.mode;
    }
  std::map<std::string, std::vector<std::string>> relations;
  for (const auto& [relation, mode] : strongest) relations[mode].push_back(relation);
  std::vector<std::string> modes;
  for (const auto& [mode, names] : relations) modes.push_back(mode);
  std::stable_sort(modes.begin(), modes.end(), [](const std::string& a, const std::string& b) {
    return strength(a) > strength(b);
  });
  std::vector<std::string> parts;
  for (const std::string& mode : modes)
    parts.push_back(mode + " on " + joined(relations[mode], ", "));
  return joined(parts, "; ");
}

std::string work_list(const std::vector<Step>& steps) {
  std::set<int> segments;
  std::set<std::string> rewrites;
  bool scans = false;
  bool writes = false;
  for (const Step& step : steps) {
    segments.insert(step.segment);
    rewrites.insert(step.rewrites.begin(), step.rewrites.end());
    scans = scans || step.work == Work::scan;
    writes = writes || step.work == Work::rewrite;
  }
  std::vector<std::string> parts;
  parts.push_back(segments.size() > 1 ? std::to_string(segments.size()) + " transactions"
                                      : "one transaction");
  if (!rewrites.empty())
    parts.push_back("rewrites " + joined({rewrites.begin(), rewrites.end()}, ", "));
  else
    parts.push_back(writes ? "writes rows" : scans ? "reads every row" : "no scan, no rewrite");
  return joined(parts, ", ");
}

}  // namespace phrases

namespace {

struct Verdict {
  std::string_view word;
  Colour colour;
};

Verdict verdict(CheckResult::Status status) {
  switch (status) {
    case CheckResult::Status::ok:
      return {"ok", Colour::none};
    case CheckResult::Status::warn:
      return {"warn", Colour::yellow};
    case CheckResult::Status::failed:
      return {"FAIL", Colour::red};
    case CheckResult::Status::unknown:
      return {"?", Colour::yellow};
  }
  return {"?", Colour::none};
}

}  // namespace

namespace phrases {

std::string undo_text(const Undo& undo) {
  const std::string how = undo.text.empty() ? "" : ": " + undo.text;
  switch (undo.kind) {
    case Undo::Kind::lossless:
      return sentence("Lossless" + how);
    case Undo::Kind::lossy:
      return sentence("Lossy" + how) + " `apply` needs --allow data-loss.";
    case Undo::Kind::no:
      return sentence("None" + how);
  }
  return {};
}

std::string kept_text(const std::optional<Archive>& archive) {
  if (!archive) return {};
  switch (archive->form) {
    case Archive::Form::values:
      return " The values also stay in the database, for rollback.";
    case Archive::Form::conversion:
      return " The values that change also stay in the database, for rollback.";
    case Archive::Form::table:
      return " The table also stays in the database, in schema schemasync, for rollback.";
    case Archive::Form::in_place:
      return " The values also stay in the table, out of sight, for rollback.";
    case Archive::Form::filled:
      break;  // by a rollback alone
  }
  return {};
}

std::string code_place(const CodePlace& one) { return one.file + ":" + std::to_string(one.line); }

std::string still_names(const Plan& plan, std::size_t index, const CodeUse& use) {
  const Change& change = plan.changes[index];
  const auto has_own = [&](const std::vector<ObjectId>& ids) {
    return std::find(ids.begin(), ids.end(), change.object) != ids.end();
  };
  const bool stays = has_own(change.drops) && has_own(change.creates);
  const bool plainly = change.code_names.size() == 1 && use.name == change.object.name;
  const bool one = use.count == 1;
  return counted(use.count, "place") + " in the code " + (stays ? "" : "still ") +
         (one ? "names " : "name ") + (plainly ? "it" : display_name(use.name));
}

std::string nowhere_named(const Plan& plan, std::size_t index) {
  if (plan.run.code.folders.empty() || plan.changes[index].code_names.empty() ||
      index >= plan.run.changes.size() || code_places(plan, index) > 0)
    return {};
  return "no file of " + joined(plan.run.code.folders, ", ") + " names " +
         (plan.changes[index].code_names.size() == 1 ? "it" : "them");
}

}  // namespace phrases

using namespace phrases;

ChangeText::ChangeText(const Plan& plan, const TextOptions& options, Page& page)
    : plan_(plan), options_(options), page_(page), made_(made_relations(plan)) {
  number_width_ = std::max<std::size_t>(4, std::to_string(plan.changes.size()).size() + 2);
}

const CheckResult* ChangeText::result(std::size_t index, std::size_t check) const {
  if (index >= plan_.run.changes.size()) return nullptr;
  const std::vector<CheckResult>& results = plan_.run.changes[index].checks;
  return check < results.size() ? &results[check] : nullptr;
}

bool ChangeText::is_plain(std::size_t index) const {
  const Change& change = plan_.changes[index];
  if (shown_level(plan_, index) != Level::low || change.unmanaged || !change.breaking.empty() ||
      !change.notes.empty() || code_places(plan_, index) > 0 ||
      change.undo.kind != Undo::Kind::lossless)
    return false;
  for (std::size_t i = 0; i < change.checks.size(); ++i)
    if (const CheckResult* seen = result(index, i); seen && seen->status != CheckResult::Status::ok)
      return false;
  return true;
}

void ChangeText::heading(std::size_t index) {
  const Change& change = plan_.changes[index];
  const Level level = shown_level(plan_, index);
  std::string word(to_text(level));
  for (char& c : word) c = static_cast<char>(c - 'a' + 'A');
  page_.add(padded("#" + std::to_string(index + 1), number_width_) +
                padded(page_.painted(word, colour_of(level)), 8),
            change.summary);
}

void ChangeText::labelled(std::string_view label, std::string_view text) {
  if (text.empty()) return;
  page_.add(std::string(label_indent, ' ') + padded(std::string(label), text_indent - label_indent),
            text);
}

void ChangeText::why(std::size_t index) {
  std::vector<std::string> reasons;
  const Change& change = plan_.changes[index];
  for (const std::string& reason : change.risk.reasons)
    reasons.push_back(sentence_on(change, reason));
  if (index < plan_.run.changes.size())
    for (const std::string& reason : plan_.run.changes[index].reasons)
      reasons.push_back(sentence_on(change, reason));
  if (shown_level(plan_, index) > change.risk.base)
    reasons.push_back("(Its rule's own risk is " + std::string(to_text(change.risk.base)) + ".)");
  labelled("Why", joined(reasons, " "));
}

void ChangeText::check(const Check& check, const CheckResult& seen, bool first) {
  const auto [word, colour] = verdict(seen.status);
  const std::string lead = std::string(label_indent, ' ') + padded(first ? "Check" : "", 8) +
                           padded(page_.painted(word, colour), 6);
  std::string text = seen.text;
  if (seen.status == CheckResult::Status::unknown && text.empty())
    text = "not known whether there are " + check.passed + ": it ran past statement_timeout";
  if (text.empty()) text = seen.status == CheckResult::Status::ok ? check.passed : check.failed;
  page_.add(lead, with_figures(text, seen.counts));
  if (options_.samples && !seen.sample.rows.empty())
    page_.table(sample_indent, seen.sample.headings, seen.sample.rows);
}

void ChangeText::checks(std::size_t index) {
  const Change& change = plan_.changes[index];
  bool first = true;
  for (std::size_t i = 0; i < change.checks.size(); ++i)
    if (const CheckResult* seen = result(index, i)) {
      check(change.checks[i], *seen, first);
      first = false;
    }
  code(index, first);
  std::vector<std::string> unasked;
  for (std::size_t i = 0; i < change.checks.size(); ++i)
    if (result(index, i) == nullptr) unasked.push_back(without_stop(change.checks[i].passed));
  if (!unasked.empty())
    labelled(first ? "Check" : "", sentence("before anything runs: " + joined(unasked, "; ")));
}

// The places of the source that name what goes.
void ChangeText::code(std::size_t index, bool& first) {
  const auto lead = [&](std::string_view word, Colour colour) {
    const std::string label = first ? "Check" : "";
    first = false;
    return std::string(label_indent, ' ') + padded(label, text_indent - label_indent) +
           padded(page_.painted(word, colour), 6);
  };
  if (const std::string none = nowhere_named(plan_, index); !none.empty())
    page_.add(lead("ok", Colour::none), none);
  if (index >= plan_.run.changes.size()) return;
  for (const CodeUse& use : plan_.run.changes[index].code) {
    page_.add(lead("warn", Colour::yellow), still_names(plan_, index, use) + ":");
    std::size_t width = 0;
    for (const CodePlace& one : use.places) width = std::max(width, shown_width(code_place(one)));
    width = std::min<std::size_t>(width, 40);
    for (const CodePlace& one : use.places) {
      const std::string place = padded(code_place(one), width) + "  ";
      const std::size_t used = sample_indent + shown_width(place);
      page_.verbatim(
          sample_indent,
          place + std::string(clipped(one.text, used + 20 < page_width ? page_width - used : 20)));
    }
    if (const auto more = use.count - std::ssize(use.places); more > 0)
      page_.add(std::string(sample_indent, ' '), "and " + with_commas(more) + " more");
  }
}

// "creditcard, 48,210 rows, 2.8 MB: "
std::string ChangeText::sizes(const Change& change) const {
  std::vector<std::string> parts;
  for (const ObjectId& id : change.tables) {
    const auto found = plan_.run.tables.find(id);
    if (found == plan_.run.tables.end() || found->second.rows < 0) continue;
    const TableFacts& facts = found->second;
    parts.push_back(id.shown() + ", " + (facts.rows_estimated ? "about " : "") +
                    counted(facts.rows, "row") + ", " + size_text(facts.bytes));
  }
  return parts.empty() ? "" : joined(parts, "; ") + ": ";
}

bool ChangeText::takes_locks(const Change& change) const {
  for (const Step& step : change.up)
    for (const Lock& lock : step.locks)
      if (made_.count(lock.relation) == 0) return true;
  return false;
}

void ChangeText::locks(const Change& change) {
  const bool waits = takes_locks(change);
  std::string text = without_stop(change.blocks);
  if (text.empty()) text = waits ? "what uses these relations waits" : "nobody";
  if (lowercase(text) == "nobody") text += " waits";
  const std::string taken = lock_list(change.up, made_);
  text += " (" + (taken.empty() ? "" : taken + ", ") + work_list(change.up) + "; predicted)";
  text = sizes(change) + sentence_on(change, text);
  if (waits && !options_.lock_timeout.empty())
    text += " Gives up after " + options_.lock_timeout + " without the lock, and retries.";
  labelled("Locks", text);
}

void ChangeText::diff_lines(const Change& change) {
  const std::string indent(6, ' ');
  std::vector<std::string> bodies;
  if (bodies_shown_.insert(change.object).second)
    bodies = body_diffs(plan_.from, plan_.to, change.object);
  if (change.diff.empty() && bodies.empty()) return;
  page_.blank();
  for (const std::string& line : change.diff)
    if (line.find('\n') != std::string::npos)
      page_.verbatim(indent.size(), line);
    else
      page_.add(indent, line);
  for (const std::string& body : bodies) page_.verbatim(indent.size(), body);
}

void ChangeText::repairs(std::size_t index) {
  const Change& change = plan_.changes[index];
  char letter = 'A';
  for (std::size_t i = 0; i < change.checks.size(); ++i) {
    const CheckResult* seen = result(index, i);
    if (seen == nullptr || seen->status == CheckResult::Status::ok) continue;
    for (const Repair& repair : change.checks[i].repairs) {
      page_.blank();
      if (letter == 'A')
        page_.add("    ",
                  "Repairs are for you to run with psql; what they change or remove is kept "
                  "nowhere, and rollback does not undo them.");
      page_.add(std::string("    Repair ") + letter + ": ",
                with_figures(repair.title, seen->counts));
      page_.verbatim(6, repair.sql.str());
      if (letter < 'Z') ++letter;
    }
  }
}

void ChangeText::full(std::size_t index) {
  const Change& change = plan_.changes[index];
  heading(index);
  const std::string indent(number_width_ + 8, ' ');
  page_.add(indent, trimmed(change.rule + "  " + place(change.where)));
  page_.blank();
  why(index);
  labelled("Breaks", sentence_on(change, change.breaking));
  checks(index);
  labelled("How", sentence_on(change, change.strategy));
  locks(change);
  if (!change.backup.empty() || change.archive)
    labelled("Backup", std::string(trimmed(stopped(change.backup) + kept_text(change.archive))));
  labelled("Undo", undo_text(change.undo));
  for (std::size_t i = 0; i < change.notes.size(); ++i)
    labelled(i == 0 ? "Note" : "", sentence_on(change, change.notes[i]));
  diff_lines(change);
  repairs(index);
}

void ChangeText::compact(std::size_t index) {
  const Change& change = plan_.changes[index];
  heading(index);
  const std::string indent(number_width_ + 8, ' ');
  std::vector<std::string> facts = {change.rule};
  if (!change.where.file.empty()) facts.push_back(place(change.where));
  facts.push_back("undo: " + std::string(to_text(change.undo.kind)));
  page_.add(indent, joined(facts, "  "));
  if (takes_locks(change)) page_.add(indent, sizes(change) + sentence_on(change, change.blocks));
}

void ChangeText::difference(std::size_t index) {
  heading(index);
  diff_lines(plan_.changes[index]);
}

}  // namespace schemasync
