#include "code/source_files.hpp"

#include <git2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "text/error.hpp"

namespace schemasync {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> skipped_folders = {"node_modules", "target", "venv",
                                                             "__pycache__"};

template <class T, void (*release)(T*)>
struct Released {
  void operator()(T* what) const { release(what); }
};
using Repository = std::unique_ptr<git_repository, Released<git_repository, git_repository_free>>;
using Index = std::unique_ptr<git_index, Released<git_index, git_index_free>>;

// Only the index is read, which no owner of a work tree can turn into a program: so it may belong
// to another account, as it does in a container.
class Git {
 public:
  Git() {
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  }
  ~Git() { git_libgit2_shutdown(); }
  Git(const Git&) = delete;
  Git& operator=(const Git&) = delete;

  // The work tree that the path stands in.
  Repository around(const fs::path& path) const {
    git_repository* found = nullptr;
    const fs::path folder = fs::is_directory(path) ? path : path.parent_path();
    if (git_repository_open_ext(&found, folder.c_str(), GIT_REPOSITORY_OPEN_CROSS_FS, nullptr) != 0)
      return nullptr;
    Repository repository(found);
    if (git_repository_workdir(found) == nullptr) return nullptr;
    return repository;
  }
};

bool is_below(const fs::path& path, const fs::path& folder) {
  const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

class Finder {
 public:
  Finder(const fs::path& leave_out, const fs::path& current)
      : leave_out_(leave_out), current_(current) {}

  void look(const fs::path& root) {
    std::error_code failure;
    const fs::path real = fs::canonical(root, failure);
    if (failure)
      throw Error("cannot read " + shown_from(root, current_) + ": " + failure.message(),
                  "look at `code` in schemasync.toml");
    if (!fs::is_directory(real)) {
      add(real);
      return;
    }
    const std::size_t before = found_.files.size();
    if (!tracked(real)) {
      found_.notes.push_back(shown_from(root, current_) +
                             " is in no git work tree: all of its text files were searched, but "
                             "hidden ones, node_modules, target and venv");
      walk(real);
    } else if (found_.files.size() == before) {
      found_.notes.push_back("git tracks no file below " + shown_from(root, current_) +
                             ": nothing of it was searched");
    }
  }

  SourceFiles found() && {
    std::sort(found_.files.begin(), found_.files.end());
    found_.files.erase(std::unique(found_.files.begin(), found_.files.end()), found_.files.end());
    return std::move(found_);
  }

 private:
  void add(const fs::path& file) {
    if (!is_below(file, leave_out_)) found_.files.push_back(file);
  }

  // The files of the index below the folder, submodules included; false: there is no index.
  bool tracked(const fs::path& folder) {
    const Repository repository = git_.around(folder);
    if (!repository) return false;
    git_index* opened = nullptr;
    if (git_repository_index(&opened, repository.get()) != 0) return false;
    const Index index(opened);
    std::error_code failure;
    const fs::path tree = fs::canonical(git_repository_workdir(repository.get()), failure);
    if (failure) return false;
    for (std::size_t i = 0; i < git_index_entrycount(opened); ++i) {
      const git_index_entry* entry = git_index_get_byindex(opened, i);
      const fs::path file = tree / entry->path;
      if (!is_below(file, folder)) continue;
      if (entry->mode == GIT_FILEMODE_COMMIT) {
        if (file != folder && fs::exists(file / ".git", failure)) tracked(file);
      } else if (entry->mode != GIT_FILEMODE_LINK) {
        add(file);
      }
    }
    return true;
  }

  void walk(const fs::path& folder) {
    std::error_code failure;
    fs::recursive_directory_iterator all(folder, fs::directory_options::skip_permission_denied,
                                         failure);
    for (; !failure && all != fs::recursive_directory_iterator(); all.increment(failure)) {
      const std::string name = all->path().filename().string();
      std::error_code ignored;
      const fs::file_status status = all->symlink_status(ignored);
      if (fs::is_directory(status)) {
        if (name.starts_with(".") || all->path() == leave_out_ ||
            std::find(skipped_folders.begin(), skipped_folders.end(), name) !=
                skipped_folders.end())
          all.disable_recursion_pending();
      } else if (fs::is_regular_file(status) && !name.starts_with(".")) {
        add(all->path());
      }
    }
  }

  Git git_;
  fs::path leave_out_;
  fs::path current_;
  SourceFiles found_;
};

}  // namespace

SourceFiles source_files(const std::vector<fs::path>& roots, const fs::path& leave_out,
                         const fs::path& current) {
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(leave_out, ignored);
  Finder finder(ignored ? leave_out : real, current);
  for (const fs::path& root : roots) finder.look(root);
  return std::move(finder).found();
}

std::string shown_from(const fs::path& path, const fs::path& current) {
  std::error_code ignored;
  const fs::path from = fs::weakly_canonical(current, ignored);
  const fs::path to = fs::weakly_canonical(path, ignored);
  const std::string relative = to.lexically_relative(from).string();
  return relative.empty() ? path.string() : relative;
}

}  // namespace schemasync
