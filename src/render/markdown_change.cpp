#include "render/markdown_change.hpp"

#include <algorithm>
#include <map>

#include "render/body_diff.hpp"
#include "render/change_text.hpp"
#include "render/markdown_text.hpp"
#include "render/page.hpp"
#include "text/figures.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

using namespace phrases;
using Status = CheckResult::Status;

constexpr std::size_t longest_summary = 200;  // bytes; a list of columns may be longer

std::string item(std::string_view label, const std::string& text) {
  if (text.empty()) return {};
  return "- **" + std::string(label) + ":** " + text + "\n";
}

std::string statements_of(const std::vector<Step>& steps) {
  std::string out;
  for (const Step& step : steps) {
    if (!step.search_path.empty() && step.search_path != "public")
      out += "-- looks names up in " + display_name(step.search_path) + ", then in public\n";
    out += step.sql.str();
    out += step.sql.str().ends_with(';') ? "\n" : ";\n";
  }
  return out;
}

std::string_view mark_of(Status status) {
  switch (status) {
    case Status::ok:
      return "✅";
    case Status::warn:
      return "⚠️";
    case Status::failed:
      return "❌";
    case Status::unknown:
      return "❔";
  }
  return "";
}

std::string clipped_summary(const std::string& summary) {
  if (summary.size() <= longest_summary) return summary;
  return std::string(clipped(summary, longest_summary)) + "…";
}

// The summary with the object's name as code, each part written by its function.
template <class Text, class Code>
std::string with_name(const Change& change, Text&& text, Code&& code) {
  const std::string summary = clipped_summary(change.summary);
  const std::string name = change.object.shown();
  const std::size_t at = name.empty() ? std::string::npos : summary.find(name);
  if (at == std::string::npos) return text(summary);
  return text(summary.substr(0, at)) + code(name) + text(summary.substr(at + name.size()));
}

std::string sample_table(const Sample& sample) {
  std::vector<std::string> cells;
  std::string out = "\n";
  for (const std::string& heading : sample.headings) cells.push_back(markdown_text(heading));
  out += table_row(cells);
  out += table_row(std::vector<std::string>(cells.size(), "---"));
  for (const auto& row : sample.rows) {
    cells.clear();
    for (const std::string& cell : row) cells.push_back(markdown_text(clipped(cell, 100)));
    out += table_row(cells);
  }
  return out + "\n";
}

}  // namespace

std::string level_markdown(Level level) {
  const std::string word(to_text(level));
  switch (level) {
    case Level::low:
      return "🟢 " + word;
    case Level::medium:
      return "🟡 " + word;
    case Level::high:
      return "🔴 " + word;
  }
  return word;
}

ChangeMarkdown::ChangeMarkdown(const Plan& plan, bool samples) : plan_(plan), samples_(samples) {
  for (const Change& change : plan.changes)
    if (!change.rebuilds)  // it is there, and locked
      for (const ObjectId& id : change.creates) made_.insert(id.shown());
  std::set<ObjectId> shown;
  for (const std::size_t index : ranked(plan))
    if (shown.insert(plan.changes[index].object).second) shows_bodies_.insert(index);
}

const CheckResult* ChangeMarkdown::result(std::size_t index, std::size_t check) const {
  if (index >= plan_.run.changes.size()) return nullptr;
  const std::vector<CheckResult>& results = plan_.run.changes[index].checks;
  return check < results.size() ? &results[check] : nullptr;
}

std::string ChangeMarkdown::summary_html(std::size_t index) const {
  return with_name(
      plan_.changes[index], [](const std::string& text) { return html_text(text); },
      [](const std::string& name) { return "<code>" + html_text(name) + "</code>"; });
}

// From the predicted locks: "reads and writes, briefly".
std::string ChangeMarkdown::blocked(const Change& change) const {
  bool reads = false;
  bool writes = false;
  Work work = Work::catalog;
  for (const Step& step : change.up) {
    work = std::max(work, step.work);
    for (const Lock& lock : step.locks) {
      if (made_.count(lock.relation) > 0) continue;
      reads = reads || lock.mode == "ACCESS EXCLUSIVE";
      writes = writes || lock.mode == "SHARE" || lock.mode.find("EXCLUSIVE") != std::string::npos;
    }
  }
  if (!reads && !writes) return "nobody";
  const std::string whom = reads ? "reads and writes" : "writes";
  switch (work) {
    case Work::catalog:
      return whom + ", briefly";
    case Work::scan:
      return whom + ", while all rows are read";
    case Work::rewrite:
      return whom + ", while rows are written";
  }
  return whom;
}

std::string ChangeMarkdown::verdicts(std::size_t index) const {
  std::map<Status, std::int64_t> seen;
  std::int64_t unasked = 0;
  for (std::size_t i = 0; i < plan_.changes[index].checks.size(); ++i)
    if (const CheckResult* found = result(index, i))
      ++seen[found->status];
    else
      ++unasked;
  std::vector<std::string> parts;
  if (seen[Status::failed] > 0)
    parts.push_back("❌ " + counted(seen[Status::failed], "fails", "fail"));
  if (seen[Status::unknown] > 0)
    parts.push_back("❔ " + std::to_string(seen[Status::unknown]) + " unknown");
  if (seen[Status::warn] > 0) parts.push_back("⚠️ " + counted(seen[Status::warn], "warning"));
  if (const auto places = code_places(plan_, index); places > 0)
    parts.push_back("⚠️ " + with_commas(places) + " code " + (places == 1 ? "use" : "uses"));
  if (seen[Status::ok] > 0 && parts.empty())
    parts.push_back("✅ " + std::to_string(seen[Status::ok]) + " ok");
  if (unasked > 0) parts.push_back(std::to_string(unasked) + " when it runs");
  return parts.empty() ? "–" : joined(parts, ", ");
}

std::string ChangeMarkdown::row(std::size_t index) const {
  const Change& change = plan_.changes[index];
  std::string what = with_name(
      change, [](const std::string& text) { return markdown_text(text); },
      [](const std::string& name) { return markdown_code_in_cell(name); });
  if (!change.breaking.empty()) what += " · **breaks code**";
  if (change.unmanaged) what += " · **in no models**";
  const std::string undo(to_text(change.undo.kind));
  return table_row({std::to_string(index + 1), level_markdown(shown_level(plan_, index)), what,
                    blocked(change), verdicts(index),
                    change.undo.kind == Undo::Kind::lossless ? undo : "⚠️ " + undo});
}

std::string ChangeMarkdown::checks(std::size_t index) const {
  const Change& change = plan_.changes[index];
  std::string out;
  for (std::size_t i = 0; i < change.checks.size(); ++i) {
    const Check& check = change.checks[i];
    const CheckResult* seen = result(index, i);
    if (seen == nullptr) {
      out += "  - before anything runs: " + markdown_text(without_stop(check.passed)) + "\n";
      continue;
    }
    std::string text = seen->text;
    if (text.empty()) text = seen->status == Status::ok ? check.passed : check.failed;
    out += "  - " + std::string(mark_of(seen->status)) + " " +
           markdown_text(with_figures(text, seen->counts)) + "\n";
  }
  if (const std::string none = nowhere_named(plan_, index); !none.empty())
    out += "  - ✅ " + markdown_text(none) + "\n";
  return out + code(index);
}

std::string ChangeMarkdown::found_rows(std::size_t index) const {
  const Change& change = plan_.changes[index];
  std::string out;
  for (std::size_t i = 0; samples_ && i < change.checks.size(); ++i)
    if (const CheckResult* seen = result(index, i); seen && !seen->sample.rows.empty())
      out += "Found by the check (" + markdown_text(change.checks[i].name) + "):\n" +
             sample_table(seen->sample);
  return out;
}

std::string ChangeMarkdown::code(std::size_t index) const {
  if (index >= plan_.run.changes.size()) return {};
  std::string out;
  for (const CodeUse& use : plan_.run.changes[index].code) {
    out += "  - ⚠️ " + markdown_text(still_names(plan_, index, use)) + ":\n";
    for (const CodePlace& one : use.places)
      out += "    - " + markdown_code(code_place(one)) + " " + markdown_code(one.text) + "\n";
    if (const auto more = use.count - std::ssize(use.places); more > 0)
      out += "    - and " + with_commas(more) + " more\n";
  }
  return out;
}

std::string ChangeMarkdown::locks(const Change& change) const {
  std::string text = without_stop(change.blocks);
  if (text.empty() || lowercase(text) == "nobody") text = "nobody waits";
  const std::string taken = lock_list(change.up, made_);
  text += " (" + (taken.empty() ? "" : taken + ", ") + work_list(change.up) + "; predicted)";
  std::vector<std::string> sizes;
  for (const ObjectId& id : change.tables)
    if (const auto found = plan_.run.tables.find(id);
        found != plan_.run.tables.end() && found->second.rows >= 0)
      sizes.push_back(id.shown() + ", " + (found->second.rows_estimated ? "about " : "") +
                      counted(found->second.rows, "row") + ", " + size_text(found->second.bytes));
  return (sizes.empty() ? "" : markdown_text(joined(sizes, "; ")) + ": ") +
         markdown_text(sentence_on(change, text));
}

std::string ChangeMarkdown::difference(std::size_t index) const {
  const Change& change = plan_.changes[index];
  std::vector<std::string> lines = change.diff;
  if (shows_bodies_.count(index) > 0)
    for (std::string& body : body_diffs(plan_.from, plan_.to, change.object))
      lines.push_back(std::move(body));
  return lines.empty() ? "" : fenced("diff", joined(lines, "\n")) + "\n";
}

std::string ChangeMarkdown::repairs(std::size_t index) const {
  const Change& change = plan_.changes[index];
  std::string out;
  char letter = 'A';
  for (std::size_t i = 0; i < change.checks.size(); ++i) {
    const CheckResult* seen = result(index, i);
    if (seen == nullptr || seen->status == Status::ok) continue;
    for (const Repair& repair : change.checks[i].repairs) {
      out += "**Repair " + std::string(1, letter) + ":** " +
             markdown_text(with_figures(repair.title, seen->counts)) + "\n\n" +
             fenced("sql", repair.sql.str()) + "\n";
      if (letter < 'Z') ++letter;
    }
  }
  if (out.empty()) return out;
  return "Repairs are for you to run with psql; what they change or remove is kept nowhere, and "
         "rollback does not undo them.\n\n" +
         out;
}

std::string ChangeMarkdown::opening(std::size_t index) const {
  const Change& change = plan_.changes[index];
  std::string out = "<details><summary><b>#<!-- -->" + std::to_string(index + 1) + " " +
                    summary_html(index) + "</b> · " + html_text(change.rule);
  if (!change.where.file.empty()) out += " · " + html_text(place(change.where));
  out += "</summary>\n\n";
  std::vector<std::string> reasons;
  for (const std::string& reason : change.risk.reasons)
    reasons.push_back(sentence_on(change, reason));
  if (index < plan_.run.changes.size())
    for (const std::string& reason : plan_.run.changes[index].reasons)
      reasons.push_back(sentence_on(change, reason));
  out += item("Why " + std::string(to_text(shown_level(plan_, index))),
              markdown_text(joined(reasons, " ")));
  out += item("Breaks", markdown_text(sentence_on(change, change.breaking)));
  if (const std::string asked = checks(index); !asked.empty()) out += "- **Checks:**\n" + asked;
  out += item("How", markdown_text(sentence_on(change, change.strategy)));
  out += item("Locks", locks(change));
  if (!change.backup.empty() || change.archive)
    out +=
        item("Backup", markdown_text(trimmed(stopped(change.backup) + kept_text(change.archive))));
  out += item("Undo", markdown_text(undo_text(change.undo)));
  for (const std::string& note : change.notes)
    out += item("Note", markdown_text(sentence_on(change, note)));
  return out + "\n" + found_rows(index) + difference(index) + repairs(index);
}

std::string ChangeMarkdown::statements(std::size_t index) const {
  const Change& change = plan_.changes[index];
  std::string out;
  if (!change.up.empty()) out += "Up:\n\n" + fenced("sql", statements_of(change.up)) + "\n";
  if (!change.down.empty()) out += "Down:\n\n" + fenced("sql", statements_of(change.down)) + "\n";
  return out;
}

}  // namespace schemasync
