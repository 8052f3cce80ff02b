// Programs and files of a server that may belong to another account: PostgreSQL refuses to run as
// root, so root's servers run as "postgres", else as "nobody". Used inside pg/ only.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace schemasync {

// An open file or pipe end, closed with its owner and by every exec.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }
  int get() const { return number_; }
  int release() noexcept;
  void close() noexcept;

 private:
  int number_ = -1;
};

// An advisory lock on a file of its own (flock). The kernel takes it back from a process that dies.
class FileLock {
 public:
  FileLock() = default;
  explicit FileLock(const std::filesystem::path& file);  // opens, makes the file; takes no lock yet
  void wait_exclusive();
  void wait_shared();
  bool try_exclusive();

 private:
  Descriptor file_;
};

// Who a server runs as.
struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
  bool is_us = true;  // false: we are root and change to it
};

Account server_account();  // ourselves, or the one that root's servers run as
Account account_of(const std::filesystem::path& owned);

// In a forked child: become the account, for good; ends the child when that fails.
void become(const Account& account);

// Can the account step into this folder?
bool may_enter(const Account& account, const std::filesystem::path& folder);

struct Outcome {
  int exit_code = 0;   // 127: it could not be started; 128 + n: ended by signal n
  std::string output;  // stdout and stderr
};

// Runs a program to its end as the account, in an environment without PG* variables.
Outcome run_program(const Account& account, const std::vector<std::string>& command);

// What a server gets as its environment: ours without PG* and with LC_ALL=C, so that its messages
// can be read.
std::vector<std::string> server_environment();

// The null-terminated array that exec wants; made before fork, because a child must not allocate.
std::vector<char*> exec_array(std::vector<std::string>& texts);

// In a forked child: closes all descriptors from 3 on and puts the signals back to their defaults.
void forget_parent() noexcept;

void make_folder(const std::filesystem::path& folder, mode_t mode);
void give_to(const Account& account, const std::filesystem::path& path);
std::filesystem::path make_unique_folder(const std::filesystem::path& prefix);  // 0700, ours

// Copies a tree with its modes, and gives it to the account.
void copy_tree(const std::filesystem::path& from, const std::filesystem::path& to,
               const Account& account);

}  // namespace schemasync
