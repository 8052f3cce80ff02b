#include "render/markdown.hpp"

#include <algorithm>
#include <array>

#include "model/migration.hpp"
#include "render/change_text.hpp"
#include "render/markdown_change.hpp"
#include "render/markdown_text.hpp"
#include "render/next_steps.hpp"
#include "render/page.hpp"
#include "render/text.hpp"
#include "text/digest.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t room_for_shortening = 700;  // bytes of the note that says what was left out
constexpr std::size_t most_names = 10;            // of the code's warning
constexpr std::size_t most_places = 5;            // of each of these
constexpr std::size_t room_for_list = 6'000;      // bytes of the code's warning, and of the notes
constexpr std::size_t longest_note = 300;         // bytes

std::string short_digest(const std::string& digest) { return digest.substr(0, 8); }

// Of the objects that the plan is bound to, as they were.
std::string state_digest(const Plan& plan) {
  std::string text;
  for (const auto& [id, digest] : plan.from_digests) text += id.to_text() + " " + digest + "\n";
  return short_digest(sha256(text));
}

// What was left out of the comment.
struct Shortened {
  std::size_t statements = 0;               // changes without their SQL
  std::array<std::size_t, 3> details = {};  // by level: changes without details
  std::size_t rows = 0;                     // of the table
  bool any() const {
    return statements > 0 || rows > 0 ||
           std::any_of(details.begin(), details.end(), [](std::size_t n) { return n > 0; });
  }
};

class Comment {
 public:
  Comment(const Plan& plan, const MarkdownOptions& options)
      : plan_(plan), options_(options), text_(plan, options.samples), order_(ranked(plan)) {
    target_ = options.target_option.empty() ? target_option(plan.run) : options.target_option;
  }

  std::string text() && {
    if (plan_.empty()) return nothing();
    const std::string head = heading() + stops_block() + unmanaged_block();
    const std::string tail = code_block();
    const std::string end = notes() + ending();
    const std::size_t fixed = head.size() + tail.size() + end.size() + 200;  // 200: table's head
    shorten(fixed < comment_limit ? comment_limit - 1 - fixed : 0);
    std::string out = head + table() + tail + shortened();
    for (const std::size_t index : order_) {
      if (!details_[index].shown) continue;
      out += details_[index].opening + details_[index].statements + ChangeMarkdown::closing();
    }
    return out + end;
  }

 private:
  struct Details {
    bool shown = true;
    std::string row;
    std::string opening;
    std::string statements;
  };

  bool is_diff() const { return !options_.from.empty(); }
  std::string command(const std::string& name, const std::string& arguments = {}) const {
    return "schemasync " + name + (target_.empty() ? "" : " " + target_) +
           (arguments.empty() ? "" : " " + arguments);
  }
  std::string again(const std::string& format) const {
    if (is_diff())
      return "schemasync diff " + options_.from + " " + options_.to + " --format " + format;
    return command("plan", "--format " + format);
  }

  // "for `prod`", or the operands of diff.
  std::string between() const {
    if (is_diff())
      return "from " + markdown_code(options_.from) + " to " + markdown_code(options_.to);
    return plan_.run.env.empty() ? "" : "for " + markdown_code(plan_.run.env);
  }

  std::string marker() const {
    if (is_diff()) return "<!-- schemasync diff -->\n";
    return "<!-- schemasync plan env=" + plan_.run.env + " -->\n";
  }

  std::string nothing() const {
    std::string out = marker() + "### schemasync: no changes " + between() +
                      (is_diff() ? "" : ": the database is as the models say") + "\n";
    if (!plan_.notes.empty())
      out += "\n" + counted(std::ssize(plan_.notes), "note") + ": " +
             markdown_code(command("plan")) + "\n";
    return out + (stops(plan_).empty() ? "" : "\n" + stops_block());
  }

  std::string heading() const {
    Level level = Level::low;
    std::int64_t breaking = 0;
    bool lossy = false;
    bool stuck = false;
    for (std::size_t i = 0; i < plan_.changes.size(); ++i) {
      level = std::max(level, shown_level(plan_, i));
      breaking += plan_.changes[i].breaking.empty() ? 0 : 1;
      lossy = lossy || plan_.changes[i].undo.kind == Undo::Kind::lossy;
      stuck = stuck || plan_.changes[i].undo.kind == Undo::Kind::no;
    }
    std::string out = marker() + "### schemasync: " + counted(std::ssize(plan_.changes), "change") +
                      " " + between() + " · " + level_markdown(level);
    if (breaking > 0)
      out +=
          " · " + with_commas(breaking) + (breaking == 1 ? " breaks" : " break") + " running code";
    out += lossy ? " · ⚠️ data is lost" : " · no data is lost";
    if (stuck) out += " · ⚠️ not all of it can be undone";
    return out + "\n\n";
  }

  std::string stops_block() const {
    std::string out;
    if (is_diff()) return out;
    for (const std::string& stop : stops(plan_))
      out += (out.empty() ? "> [!CAUTION]\n> " : ">\n> ") + markdown_text(stop) + "\n";
    return out.empty() ? out : out + "\n";
  }

  std::string unmanaged_block() const {
    std::size_t drops = 0;
    for (const Change& change : plan_.changes) drops += change.unmanaged ? 1 : 0;
    if (drops == 0) return {};
    return "> [!WARNING]\n> " +
           counted(static_cast<std::int64_t>(drops), "object stands", "objects stand") +
           " in no models of this database, now or before, and would be dropped (**in no models** "
           "below). To keep them: `schemasync pull`, or `unmanaged = \"report\"` in `[scope]`.\n\n";
  }

  std::string table() const {
    std::string out = "| # | Risk | Change | Blocks | Checks | Undo |\n|--:|---|---|---|---|---|\n";
    std::size_t left = order_.size() - cut_.rows;
    for (const std::size_t index : order_) {
      if (left == 0) break;
      --left;
      out += details_[index].row;
    }
    return out + "\n";
  }

  // Each name once, with the first places.
  std::string code_block() const {
    std::int64_t places = 0;
    std::size_t names = 0;
    std::size_t named = 0;
    std::string lines;
    for (const std::size_t index : order_) {
      if (index >= plan_.run.changes.size()) continue;
      for (const CodeUse& use : plan_.run.changes[index].code) {
        places += use.count;
        if (++names > most_names || lines.size() > room_for_list) continue;
        ++named;
        std::vector<std::string> shown;
        for (std::size_t i = 0; i < use.places.size() && i < most_places; ++i)
          shown.push_back(markdown_code(phrases::code_place(use.places[i])));
        if (const auto more = use.count - std::ssize(shown); more > 0)
          shown.push_back("and " + with_commas(more) + " more");
        lines += ">\n> " + markdown_code(use.name) + ": " + joined(shown, " · ") + "\n";
      }
    }
    if (names == 0) return {};
    if (names > most_names)
      lines +=
          ">\n> and " + counted(static_cast<std::int64_t>(names - most_names), "more name") + "\n";
    std::string out = "> [!WARNING]\n> " + counted(places, "place") + " in the code still " +
                      (places == 1 ? "names" : "name") +
                      " what goes or changes. Deploy their change **before** this one:\n" + lines;
    for (const std::string& note : plan_.run.code.notes)
      out += ">\n> " + markdown_text(stopped(note)) + "\n";
    return out + "\n";
  }

  static std::string listed(const std::string& title, const std::vector<std::string>& lines) {
    if (lines.empty()) return {};
    std::string out = "<details><summary>" + html_text(title) + "</summary>\n\n";
    std::size_t shown = 0;
    for (std::size_t i = 0; i < lines.size() && out.size() < room_for_list; ++i, ++shown)
      out += "- " + markdown_text(clipped(lines[i], longest_note)) +
             (lines[i].size() > longest_note ? "…" : "") + "\n";
    if (lines.size() > shown) out += "- and " + std::to_string(lines.size() - shown) + " more\n";
    return out + "\n</details>\n\n";
  }

  std::string notes() const {
    std::vector<std::string> unmanaged;
    for (const ObjectId& id : plan_.unmanaged) unmanaged.push_back(id.to_text());
    return listed(counted(std::ssize(unmanaged), "object") + " in no models, left as found",
                  unmanaged) +
           listed(counted(std::ssize(plan_.notes), "note"), plan_.notes);
  }

  std::string ending() const {
    if (is_diff()) return {};
    std::string out = "**After merge:** " + markdown_code(command("apply", allowances(plan_))) +
                      " · **Go back:** " + markdown_code(command("rollback")) + "\n";
    out += "<sub>Planned against " + markdown_text(plan_.run.env);
    if (!plan_.run.server_version.empty()) out += " (PostgreSQL " + plan_.run.server_version + ")";
    out += ", state " + state_digest(plan_);
    if (!plan_.models_hash.empty()) out += ", models " + short_digest(plan_.models_hash);
    out += ". A plan for another state is refused.";
    if (options_.next_number > 0)
      out += " Recorded as " + markdown_text(migration_id(options_.next_number, plan_.slug)) + ".";
    if (options_.next_number > 0 && !options_.backup.empty())
      out += " " + markdown_text(options_.backup);
    return out +
           " Locks are predicted. {archive} and {kept} in SQL are names that apply fills in."
           "</sub>\n";
  }

  // First the SQL, from the least risky on; then the details, from the least risky on; at last
  // rows of the table.
  void shorten(std::size_t room) {
    details_.resize(plan_.changes.size());
    std::size_t size = 0;
    for (const std::size_t index : order_) {
      Details& one = details_[index];
      one.row = text_.row(index);
      one.opening = text_.opening(index);
      one.statements = text_.statements(index);
      size += one.row.size() + one.opening.size() + one.statements.size() +
              ChangeMarkdown::closing().size();
    }
    if (size <= room) return;
    room -= std::min(room, room_for_shortening);
    for (auto it = order_.rbegin(); it != order_.rend() && size > room; ++it) {
      std::string& statements = details_[*it].statements;
      if (statements.empty()) continue;
      size -= statements.size();
      statements.clear();
      ++cut_.statements;
    }
    for (auto it = order_.rbegin(); it != order_.rend() && size > room; ++it) {
      details_[*it].shown = false;
      size -= details_[*it].opening.size() + ChangeMarkdown::closing().size();
      ++cut_.details[static_cast<std::size_t>(shown_level(plan_, *it))];
    }
    for (auto it = order_.rbegin(); it != order_.rend() && size > room; ++it) {
      size -= details_[*it].row.size();
      ++cut_.rows;
    }
  }

  std::string shortened() const {
    if (!cut_.any()) return {};
    std::vector<std::string> left;
    const auto changes = [](std::size_t n, std::string_view level) {
      return counted(static_cast<std::int64_t>(n), std::string(level) + " change",
                     std::string(level) + " changes");
    };
    if (cut_.statements > 0)
      left.push_back("the SQL of " + counted(static_cast<std::int64_t>(cut_.statements), "change"));
    for (const Level level : {Level::low, Level::medium, Level::high})
      if (const std::size_t n = cut_.details[static_cast<std::size_t>(level)]; n > 0)
        left.push_back("the details of " + changes(n, std::string(to_text(level)) + "-risk"));
    if (cut_.rows > 0)
      left.push_back(counted(static_cast<std::int64_t>(cut_.rows), "row") + " of the table");
    std::string out =
        "> [!NOTE]\n> Shortened to fit into a comment. Left out: " + joined(left, ", ") +
        ". All of it: " + markdown_code(again("text"));
    if (!is_diff()) out += " with `--verbose`";
    return out + "; the SQL: " + markdown_code(again("sql")) + ".\n\n";
  }

  const Plan& plan_;
  const MarkdownOptions& options_;
  ChangeMarkdown text_;
  std::vector<std::size_t> order_;
  std::vector<Details> details_;
  Shortened cut_;
  std::string target_;
};

}  // namespace

std::string plan_markdown(const Plan& plan, const MarkdownOptions& options) {
  return Comment(plan, options).text();
}

}  // namespace schemasync
