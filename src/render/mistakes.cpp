#include "render/mistakes.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "text/secrets.hpp"
#include "text/strings.hpp"
#include "text/utf8.hpp"

namespace schemasync {
namespace {

constexpr std::size_t widest = 92;  // code points of a shown line, so that a block has 100 columns

// One string a code point; a byte that is not UTF-8 is shown as ?, a tab as one blank.
std::vector<std::string> characters(std::string_view line) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < line.size();) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const std::size_t length = utf8_length(line, i);
    const bool control = byte < 0x20U || byte == 0x7FU;
    all.emplace_back(length == 0 ? "?" : control ? " " : std::string(line.substr(i, length)));
    i += length == 0 ? 1 : length;
  }
  return all;
}

// As wide as before, so that what is underlined stays under its line.
std::string masked(std::string_view line) {
  std::string shown;
  std::size_t at = 0;
  for (const Span& secret : passwords_in(line)) {
    shown += line.substr(at, secret.begin - at);
    shown.append(characters(line.substr(secret.begin, secret.end - secret.begin)).size(), '*');
    at = secret.end;
  }
  return shown.append(line.substr(at));
}

std::string right_aligned(int number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, ' ') + digits;
}

// The line under its number, and the underline under the line; a long line is cut around the
// underline.
std::string excerpt(const Mistake& mistake, std::string_view source) {
  const std::vector<std::string> line = characters(masked(source));
  const auto at =
      std::min(static_cast<std::size_t>(std::max(mistake.where.column, 1)) - 1, line.size());
  auto length = static_cast<std::size_t>(std::max(mistake.length, 1));
  length = std::min(length, std::max<std::size_t>(line.size() - at, 1));
  std::size_t first = 0;
  if (line.size() > widest && at + length + 4 > widest)
    first = std::min(at < 20 ? 0 : at - 20, line.size() - widest);
  const std::size_t last = std::min(line.size(), first + widest);
  std::string shown;
  for (std::size_t i = first; i < last; ++i) {
    const bool cut = (first > 0 && i < first + 3) || (last < line.size() && i + 3 >= last);
    shown += cut ? "." : line[i];
  }
  const std::size_t marks = std::max<std::size_t>(1, std::min(length, last > at ? last - at : 1));
  const std::string number = right_aligned(mistake.where.line);
  return number + " | " + shown + "\n" + std::string(number.size(), ' ') + " | " +
         std::string(at - first, ' ') + std::string(marks, '^') + "\n";
}

std::string indented(const std::string& hint) {
  std::string text;
  for (const std::string& line : split(hint, '\n')) text += "      " + line + "\n";
  return text;
}

std::string place_text(const Source& where) {
  if (where.line > 0) return where.to_text() + ": ";
  return where.file.empty() ? "" : where.file + ": ";
}

}  // namespace

SourceLine lines_of_files(const std::filesystem::path& folder) {
  return [folder, files = std::map<std::string, std::vector<std::string>>()](
             const Source& where) mutable -> std::optional<std::string> {
    auto found = files.find(where.file);
    if (found == files.end()) {
      found = files.emplace(where.file, std::vector<std::string>()).first;
      std::ifstream stream(folder / where.file.str(), std::ios::binary);
      for (std::string line; std::getline(stream, line);) {
        if (found->second.empty() && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
        if (line.ends_with('\r')) line.pop_back();
        found->second.push_back(line);
      }
    }
    const auto index = static_cast<std::size_t>(where.line - 1);
    if (where.line < 1 || index >= found->second.size()) return std::nullopt;
    return found->second[index];
  };
}

std::string mistakes_text(const std::vector<Mistake>& mistakes, int files_read,
                          const SourceLine& line_of, MistakesStyle style) {
  std::string text;
  std::set<std::string> files;
  for (const Mistake& mistake : mistakes) {
    if (!mistake.where.file.empty()) files.insert(mistake.where.file);
    const std::string place = place_text(mistake.where);
    text += (style.color && !place.empty() ? "\033[1m" + place + "\033[0m" : place) + mistake.what +
            "\n";
    if (const auto line = line_of(mistake.where)) text += excerpt(mistake, *line);
    if (!mistake.hint.empty()) text += indented(mistake.hint);
    text += "\n";
  }
  text += counted(static_cast<std::int64_t>(mistakes.size()), "mistake");
  const auto in_files = static_cast<std::int64_t>(files.size());
  if (in_files > 0 && files_read > in_files)
    text += " in " + with_commas(in_files) + " of " + counted(files_read, "file");
  else if (in_files > 0)
    text += " in " + counted(in_files, "file");
  text += style.contacted ? ".\n" : ". No database was contacted.\n";
  return text;
}

}  // namespace schemasync
