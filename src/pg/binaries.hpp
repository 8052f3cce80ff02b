// PostgreSQL's server programs on this machine. find_postgres_binaries() in server.hpp is what
// others call; inside pg/ a cluster of an older major looks for the programs that made it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pg/process.hpp"

namespace schemasync {

struct Binaries {
  std::filesystem::path folder;
  std::string version;  // "15.18"
  int major = 0;
};

// "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" -> "15.18"; "" when it is none.
std::string parse_version(std::string_view printed);
int major_of(std::string_view version);  // "15.18", "18beta1" -> 15, 18; 0 when it is none

// Every folder where PostgreSQL's programs are looked for, in the order in which they are
// preferred: PATH, pg_config --bindir, the distributions' folders. Not all exist.
std::vector<std::filesystem::path> program_folders();

// All folders that hold initdb and postgres, in the order in which they are preferred.
std::vector<std::filesystem::path> postgres_folders();

// The first that the account may run; of this major where one is named (0: any from 13 on).
// Throws Error that names the package to install.
Binaries binaries_for(const Account& account, int major);

}  // namespace schemasync
