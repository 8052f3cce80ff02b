#include "cli/outputs.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "cli/backups.hpp"
#include "cli/console.hpp"
#include "render/markdown.hpp"
#include "render/sql.hpp"
#include "render/text.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

struct Format {
  std::string_view name;
  std::string_view extension;
};
constexpr std::array<Format, 4> formats = {
    {{"text", ".txt"}, {"json", ".json"}, {"sql", ".sql"}, {"markdown", ".md"}}};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Format& format : formats) all.emplace_back(format.name);
  return all;
}

std::vector<std::string> extensions() {
  std::vector<std::string> all;
  for (const Format& format : formats) all.emplace_back(format.extension);
  return all;
}

std::string format_of_file(const std::string& file) {
  const std::string extension = lowercase(std::filesystem::path(file).extension().string());
  for (const Format& format : formats)
    if (format.extension == extension) return std::string(format.name);
  const std::optional<std::string> near =
      extension.empty() ? std::nullopt : nearest(extension, extensions());
  throw Error(
      "-o " + file + ": the extension says the format, and \"" + extension + "\" is none of them",
      (near ? "did you mean " + *near + "? " : "") + "Known: " + joined(extensions(), ", "));
}

bool is_diff(const Options& options) { return !options.from_operand.empty(); }

std::string text_of(const Plan& plan, const Options& options, const Announced& apply) {
  TextOptions text;
  text.colour = colour_wanted(options, true);
  text.samples = options.samples.value_or(true);
  text.facts = !options.no_facts;
  text.verbose = options.verbose;
  text.next_number = apply.next_number;
  text.backup = apply.backup;
  if (is_diff(options)) {
    text.facts = false;
    return diff_text(plan, without_password(options.from_operand),
                     without_password(options.to_operand), text);
  }
  if (const Target* target = apply.target) {
    text.lock_timeout = target->env().lock_timeout_ms % 1000 == 0
                            ? std::to_string(target->env().lock_timeout_ms / 1000) + "s"
                            : std::to_string(target->env().lock_timeout_ms) + "ms";
    text.target_option = target->option();
  }
  return plan_text(plan, text);
}

std::string markdown_of(const Plan& plan, const Options& options, const Announced& apply) {
  MarkdownOptions markdown;
  markdown.samples = options.samples.value_or(false);
  markdown.next_number = apply.next_number;
  markdown.backup = apply.backup;
  if (apply.target != nullptr) markdown.target_option = apply.target->option();
  if (is_diff(options)) {
    markdown.from = without_password(options.from_operand);
    markdown.to = without_password(options.to_operand);
  }
  return plan_markdown(plan, markdown);
}

}  // namespace

Announced announced(const Target& target, const Plan& plan, int next_number) {
  return {&target, next_number, announced_backup(target, plan)};
}

std::string format_names() { return joined(names(), ", "); }

void check_format(const std::string& format, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), format) != known.end()) return;
  const std::optional<std::string> near = nearest(format, known);
  throw Error(
      "there is no format \"" + format + "\"",
      (near ? "did you mean \"" + *near + "\"? " : "") + "The formats are " + joined(known, ", "));
}

void check_outputs(const Options& options) {
  check_format(options.format, names());
  const bool writes_sql =
      options.format == "sql" ||
      std::any_of(options.outputs.begin(), options.outputs.end(),
                  [](const auto& file) { return format_of_file(file) == "sql"; });
  if (options.down && !writes_sql)
    throw Error("--down is the way back as SQL", "say --format sql, or -o FILE.sql");
  std::set<std::filesystem::path> named;
  for (const std::string& file : options.outputs) {
    format_of_file(file);
    const std::filesystem::path path = std::filesystem::absolute(file).lexically_normal();
    std::error_code failure;
    if (!named.insert(path).second) throw Error("-o " + file + " is named twice");
    if (std::filesystem::is_directory(path, failure))
      throw Error("-o " + file + " is a folder", "name a file in it");
    if (!std::filesystem::is_directory(path.parent_path(), failure))
      throw Error("-o " + file + ": there is no folder " + path.parent_path().string(),
                  "make it first");
  }
}

std::string rendered(const Plan& plan, const std::string& format, const Options& options,
                     const Announced& apply) {
  check_format(format, names());
  if (format == "text") return text_of(plan, options, apply);
  const Plan& shown = options.no_facts ? without_facts(plan) : plan;
  if (format == "json")
    return plan_to_json(shown,
                        options.samples.value_or(false) ? Samples::keep : Samples::leave_out);
  if (format == "sql") return options.down ? plan_down_sql(shown) : plan_sql(shown);
  return markdown_of(shown, options, apply);
}

void write_outputs(const Plan& plan, const Options& options, const Announced& apply) {
  Options plain = options;
  plain.no_color = true;
  if (!options.samples) plain.samples = false;  // a file goes further than a terminal
  std::vector<std::pair<std::string, std::string>> files;
  for (const std::string& file : options.outputs)
    files.emplace_back(file, rendered(plan, format_of_file(file), plain, apply));
  write_files(files);
  for (const std::string& file : options.outputs) tell(options, "wrote " + file);
}

}  // namespace schemasync
