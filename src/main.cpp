#include <cstdlib>  // defines __GLIBC__

#include "cli/commands.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

int main(int argc, char** argv) {
#ifdef __GLIBC__
  // What one part of a command frees the next one takes: handing it back to the system in between
  // costs page faults.
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_TOP_PAD, 4 << 20);
#endif
  return schemasync::run_command_line(argc, argv);
}
