// The unit tests' main: doctest's own. Each room's tests stand in a file of their own beside this.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

// libpqxx 6.4 drops a result without freeing it when the connection breaks under a statement.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx-6\n"; }
