// The unit tests' main: doctest's own. Each room's tests stand in a file of their own beside this.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
