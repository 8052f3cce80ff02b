#include "code/search.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "code/source_files.hpp"
#include "code/words.hpp"
#include "text/strings.hpp"
#include "text/utf8.hpp"

namespace schemasync {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_file = 1024 * 1024;
constexpr std::size_t longest_line = 160;  // bytes of a line that are shown

// nullopt: binary, too large, or not readable (a tracked file may be gone from the work tree).
std::optional<std::string> text_of(const fs::path& file, std::string&& reuse) {
  std::error_code failure;
  const std::uintmax_t size = fs::file_size(file, failure);
  if (failure || size > largest_file) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  reuse.resize(size);
  in.read(reuse.data(), static_cast<std::streamsize>(size));
  reuse.resize(static_cast<std::size_t>(in.gcount()));
  if (reuse.find('\0') != std::string::npos) return std::nullopt;
  return std::move(reuse);
}

std::string line_around(std::string_view text, std::size_t offset) {
  const std::size_t before = text.rfind('\n', offset);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t after = text.find('\n', offset);
  std::string_view line =
      text.substr(begin, after == std::string_view::npos ? after : after - begin);
  // Source in another encoding: what shows its lines (Markdown, JSON) is UTF-8.
  std::string shown = valid_utf8(trimmed(line));
  if (shown.size() <= longest_line) return shown;
  return std::string(clipped(shown, longest_line)) + " ...";
}

// One name of one change, with its words as they are numbered.
struct Wanted {
  std::size_t change = 0;
  std::set<std::size_t> words;
  std::set<std::size_t> beside;  // empty: it counts everywhere
  CodeUse use;
};

class Search {
 public:
  explicit Search(const std::vector<Change>& changes) {
    for (std::size_t i = 0; i < changes.size(); ++i)
      for (const CodeName& name : changes[i].code_names) {
        Wanted wanted;
        wanted.change = i;
        wanted.words.insert(words_.add(name.name, name.names_classes));
        for (const std::string& other : name.also) wanted.words.insert(words_.add(other, false));
        for (const std::string& other : name.beside) wanted.beside.insert(words_.add(other, true));
        wanted.use.name = name.name;
        wanted_.push_back(std::move(wanted));
      }
    by_word_.resize(words_.size());
    for (std::size_t i = 0; i < wanted_.size(); ++i)
      for (const std::size_t word : wanted_[i].words) by_word_[word].push_back(i);
  }

  void look_into(std::string_view text, const std::string& shown) {
    const std::vector<WordHit> hits = words_.in(text);
    if (hits.empty()) return;
    std::set<std::size_t> present;
    for (const WordHit& hit : hits) present.insert(hit.name);
    for (const WordHit& hit : hits)
      for (const std::size_t index : by_word_[hit.name]) {
        Wanted& wanted = wanted_[index];
        if (!counts_here(wanted, present)) continue;
        std::vector<CodePlace>& places = wanted.use.places;
        if (last_line_[index] == hit.line && last_file_[index] == shown) continue;
        last_line_[index] = hit.line;
        last_file_[index] = shown;
        ++wanted.use.count;
        if (places.size() < most_code_places)
          places.push_back({shown, hit.line, line_around(text, hit.offset)});
      }
  }

  std::vector<std::vector<CodeUse>> found(std::size_t changes) && {
    std::vector<std::vector<CodeUse>> uses(changes);
    for (Wanted& wanted : wanted_)
      if (wanted.use.count > 0) uses[wanted.change].push_back(std::move(wanted.use));
    return uses;
  }

  bool empty() const { return wanted_.empty(); }

 private:
  static bool counts_here(const Wanted& wanted, const std::set<std::size_t>& present) {
    return wanted.beside.empty() ||
           std::any_of(wanted.beside.begin(), wanted.beside.end(),
                       [&](std::size_t word) { return present.count(word) > 0; });
  }

  Words words_;
  std::vector<Wanted> wanted_;
  std::vector<std::vector<std::size_t>> by_word_;
  std::map<std::size_t, int> last_line_;  // a line counts once, however often it has the name
  std::map<std::size_t, std::string> last_file_;
};

}  // namespace

CodeFound search_code(const CodeToSearch& where, const std::vector<Change>& changes) {
  CodeFound found;
  for (const fs::path& root : where.roots)
    found.search.folders.push_back(shown_from(root, where.current));
  Search search(changes);
  if (search.empty()) {
    found.uses.resize(changes.size());
    return found;
  }
  SourceFiles source = source_files(where.roots, where.leave_out, where.current);
  found.search.notes = std::move(source.notes);
  std::error_code ignored;
  const fs::path current = fs::weakly_canonical(where.current, ignored);
  std::string reuse;
  for (const fs::path& file : source.files) {
    std::optional<std::string> text = text_of(file, std::move(reuse));
    if (!text) continue;
    ++found.search.files;
    search.look_into(*text, valid_utf8(file.lexically_relative(current).string()));
    reuse = std::move(*text);
  }
  found.uses = std::move(search).found(changes.size());
  return found;
}

}  // namespace schemasync
