#include "text/figures.hpp"

#include <doctest/doctest.h>

using namespace schemasync;

TEST_CASE("figures of a check are filled in with separators") {
  CHECK(with_figures("{0} groups: {1} rows, {x} {9} {", {2, 1234567}) ==
        "2 groups: 1,234,567 rows, {x} {9} {");
}

TEST_CASE("a clause of a check that has nothing to tell is left out") {
  const std::string text = "{0} groups; {1} rows of a; {2} of {3} rows of b; and more; {1} of c";
  CHECK(with_figures(text, {2, 0, 0, 5}) == "2 groups; 0 of 5 rows of b; and more");
  CHECK(with_figures(text, {0, 3, 0, 0}) == "0 groups; 3 rows of a; and more; 3 of c");
  CHECK(with_figures("", {0}).empty());
}

TEST_CASE("nouns and verbs go with their figures") {
  const std::string text =
      "{0|group|groups} of {1|row|rows}; {2|row|rows} of a {2:points|point} here";
  CHECK(with_figures(text, {1, 2, 1}) == "1 group of 2 rows; 1 row of a points here");
  CHECK(with_figures(text, {1234, 1, 0}) == "1,234 groups of 1 row");
  CHECK(with_figures("{0|row} {0 row} {7|a|b} {0:|s}", {2}) == "{0|row} {0 row} {7|a|b} s");
}
