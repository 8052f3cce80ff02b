#include "render/status.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "render/page.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t label_width = 11;

std::string label(std::string_view word) { return padded(std::string(word), label_width); }

std::string command(const TargetView& target, std::string_view name) {
  return "schemasync " + std::string(name) + (target.option.empty() ? "" : " " + target.option);
}

void add_target(const TargetView& target, Page& page) {
  std::string text = target.target;
  if (!target.server_version.empty()) text += ", PostgreSQL " + target.server_version;
  if (target.protected_target) text += " (protected)";
  page.add(label(printable(target.env)), text);
}

// "0007_drop_x" -> "0007".
std::string number_of(std::string_view id) { return std::string(id.substr(0, id.find('_'))); }

std::string applied_text(const StatusView& view) {
  if (!view.has_journal) return "nothing: schemasync never changed this database";
  if (view.applied == 0)
    return "no migration since the baseline " + view.last +
           (view.last_at.empty() ? "" : ", " + view.last_at);
  std::string text = counted(view.applied, "migration") + ", last " + view.last;
  if (!view.last_at.empty()) text += ", " + view.last_at;
  if (!view.last_by.empty()) text += " by " + view.last_by;
  return text;
}

void add_stopped(const StatusView& view, Page& page) {
  if (!view.stopped) return;
  const StoppedView& stopped = *view.stopped;
  std::vector<std::string> why;
  if (!stopped.why.empty()) why.push_back(stopped.why);
  if (!stopped.at.empty()) why.push_back(stopped.at);
  page.add(page.painted(label("stopped"), Colour::red),
           (stopped.direction == Direction::down ? "the rollback of " : "") + stopped.migration +
               ", after step " + std::to_string(stopped.done) + " of " +
               std::to_string(stopped.steps) + (why.empty() ? "" : " (" + joined(why, ", ") + ")"));
  const std::string undone = stopped.direction == Direction::down ? "undo: " : "";
  if (stopped.done > 0)
    page.add(label("") + "done " + fmt::format("{:>3}  ", stopped.done),
             undone + stopped.last_done);
  if (!stopped.next.empty())
    page.add(label("") + "next " + fmt::format("{:>3}  ", stopped.done + 1), undone + stopped.next);
  const std::string apply = command(view.target, "apply");
  const std::string rollback = command(view.target, "rollback");
  if (stopped.direction == Direction::down) {
    page.add(label("") + rollback, "  continue at step " + std::to_string(stopped.done + 1));
    return;
  }
  const std::size_t width = std::max(apply.size(), rollback.size()) + 6;
  page.add(label("") + padded(apply, width),
           "continue at step " + std::to_string(stopped.done + 1));
  page.add(label("") + padded(rollback, width),
           stopped.done == 0   ? "leave it: nothing was done"
           : stopped.done == 1 ? "undo step 1"
                               : "undo steps 1 to " + std::to_string(stopped.done));
}

char sign_of(DriftLine::Kind kind) {
  switch (kind) {
    case DriftLine::Kind::added:
      return '+';
    case DriftLine::Kind::removed:
      return '-';
    case DriftLine::Kind::changed:
      return '~';
  }
  return ' ';
}

void add_drift(const StatusView& view, Page& page) {
  if (!view.has_journal) return;
  if (view.drift.empty()) {
    if (!view.stopped)
      page.add(label("drift"), "none: the database is as " + number_of(view.last) + " left it");
    return;
  }
  page.add(page.painted(label("drift"), Colour::yellow), counted(std::ssize(view.drift), "object") +
                                                             " changed outside schemasync since " +
                                                             number_of(view.last) + ":");
  for (const DriftLine& line : view.drift)
    page.add(label("") + "  " + sign_of(line.kind) + " ",
             line.object.to_text() + (line.what.empty() ? "" : "  " + line.what));
  page.add(label(""), "keep them: " + command(view.target, "pull") + ", then " +
                          command(view.target, "apply"));
  page.add(label(""), "undo them: " + command(view.target, "plan"));
}

void add_pending(const StatusView& view, Page& page) {
  if (!view.pending) return;
  const PendingView& pending = *view.pending;
  const int changes = pending.high + pending.medium + pending.low;
  if (!pending.unknown.empty()) return page.add(label("pending"), "not known: " + pending.unknown);
  if (changes == 0)
    return page.add(label("pending"), "none: the database is as " + pending.models + " says");
  std::vector<std::string> levels;
  if (pending.high > 0) levels.push_back(std::to_string(pending.high) + " high");
  if (pending.medium > 0) levels.push_back(std::to_string(pending.medium) + " medium");
  if (pending.low > 0) levels.push_back(std::to_string(pending.low) + " low");
  page.add(label("pending"), padded(counted(changes, "change") + " in " + pending.models + " (" +
                                        joined(levels, ", ") + ")",
                                    50) +
                                 "  " + command(view.target, "plan"));
}

void add_rollback(const StatusView& view, Page& page) {
  if (!view.has_journal || view.stopped) return;
  if (view.oldest.empty() || view.applied == 0)
    return page.add(label("rollback"), "nothing to take back");
  const std::string oldest = number_of(view.oldest);
  const std::string newest = number_of(view.last);
  std::string text = oldest == newest ? "to " + oldest : "to any of " + oldest + ".." + newest;
  text += view.lossy.empty() ? " with all data"
                             : "; data is lost by going back over " + joined(view.lossy, ", ");
  if (view.archived) text += " (archive " + size_text(*view.archived) + ")";
  page.add(label("rollback"), text);
}

}  // namespace

std::string status_text(const StatusView& view, const StatusOptions& options) {
  Page page(options.colour);
  add_target(view.target, page);
  for (const std::string& warning : view.warnings)
    page.add(page.painted(label("warning"), Colour::yellow), warning);
  page.add(label("applied"), applied_text(view));
  add_stopped(view, page);
  add_drift(view, page);
  add_pending(view, page);
  add_rollback(view, page);
  if (!view.backup.empty()) page.add(label("backup"), view.backup);
  return std::move(page).text();
}

std::string history_text(const TargetView& target, const std::vector<HistoryRow>& rows) {
  Page page(false);
  add_target(target, page);
  page.blank();
  if (rows.empty()) {
    page.add("", "No migrations: schemasync never changed this database.");
    return std::move(page).text();
  }
  std::size_t id = 0, status = 0, at = 0, by = 0;
  for (const HistoryRow& row : rows) {
    id = std::max(id, shown_width(row.id));
    status = std::max(status, shown_width(row.status));
    at = std::max(at, shown_width(row.at));
    by = std::max(by, shown_width(row.by));
  }
  for (const HistoryRow& row : rows) {
    const std::string lead = padded(row.id, id) + "  " + padded(row.status, status) + "  " +
                             padded(row.at, at) + "  " + padded(printable(row.by), by);
    if (shown_width(lead) + 2 + shown_width(row.summary) <= page_width) {
      page.add(lead + "  ", row.summary);
    } else {
      page.add("", lead);
      page.add("    ", row.summary);
    }
    if (!row.backup.empty()) page.add("    backup  ", row.backup);
  }
  return std::move(page).text();
}

std::string rollback_line(const RollbackRow& row) {
  std::string line = row.from + " -> " + row.to;
  if (row.rows_restored > 0) line += "   " + counted(row.rows_restored, "row") + " restored";
  return line + fmt::format("   {:.2f} s", row.seconds);
}

std::string rollback_preview(const TargetView& target, const std::vector<RollbackRow>& rows) {
  Page page(false);
  add_target(target, page);
  page.blank();
  if (rows.empty()) page.add("", "Nothing to take back: the database is there already.");
  for (const RollbackRow& row : rows) {
    page.add("", row.from + " -> " + row.to);
    for (const std::string& summary : row.summaries) page.add("    undo  ", summary);
  }
  return std::move(page).text();
}

std::string rollback_reminder(const std::string& models, const TargetView& target) {
  Page page(false);
  page.add("", models + " still holds what was undone: the next " + command(target, "apply") +
                   " would bring it back.");
  return std::move(page).text();
}

}  // namespace schemasync
