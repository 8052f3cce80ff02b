// PostgreSQL's client programs (pg_dump, psql, pg_restore): where they are, and one that runs as
// ourselves. The connection is handed over without its password on the command line: the password
// goes by PGPASSWORD, everything else as the user wrote it, so that ~/.pgpass, service files and
// sslmode work as they do for us. A program ends with us, and is ended when we are interrupted.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pg/process.hpp"

namespace schemasync {

struct ClientTools {
  std::filesystem::path folder;
  std::string version;  // of pg_dump: "15.18"

  // The program's path. Throws Error that names the package where it is missing.
  std::string program(std::string_view name) const;
};

// The programs of the server's own major, else of the next newer one: pg_dump refuses a newer
// server. SCHEMASYNC_PGBIN (where it holds pg_dump), PATH, pg_config --bindir, the distributions'
// folders. Throws Error that names the package to install.
ClientTools find_client_tools(int server_major);

// "--dbname=host='…' …" without a password; nothing where the environment says it all.
std::vector<std::string> connection_arguments(const std::string& url);

class ClientProgram {
 public:
  // `output`: the descriptor that gets its standard output; -1: nobody.
  ClientProgram(const std::vector<std::string>& command, const std::string& url, int output);
  ~ClientProgram();  // ends it, if it still runs
  ClientProgram(const ClientProgram&) = delete;
  ClientProgram& operator=(const ClientProgram&) = delete;

  // To its standard input. False: it has ended, and finish() says why.
  bool write(std::string_view text);
  // Closes its input and waits. Returns its exit code, 128 + n after signal n. Ctrl-C, SIGTERM and
  // `stop` (asked now and then) end it; then was_stopped() is true.
  int finish(const std::function<bool()>& stop = {});
  bool was_stopped() const { return stopped_; }
  std::string errors() const;  // what it said on standard error, without any password

 private:
  std::string url_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> errors_;
  Descriptor input_;
  pid_t child_ = 0;
  bool stopped_ = false;
};

}  // namespace schemasync
