// A TOML file as a tree of plain values, each with its place: what everything above reads, so that
// only parse.cpp knows toml++. Tables keep the order of the file. Section reads the tree with
// types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/error.hpp"

namespace schemasync {

enum class NodeKind { string, integer, floating, boolean, date, time, datetime, array, table };
enum class TableForm {
  header,   // [table.user], or made on the way to such a header
  dotted,   // email.type = "text"
  in_line,  // { type = "text" }
};

struct EntryKey {
  std::string name;  // without quotes
  Source where;
  int length = 1;  // code points in the file, quotes included
};

struct Entry;

struct Node {
  NodeKind kind = NodeKind::table;
  TableForm form = TableForm::header;  // of a table
  Source where;                        // of a header table: its header
  int length = 1;                      // code points on its first line
  std::string text;                    // a string's value; any other scalar as the file spells it
  std::int64_t integer = 0;            // of an integer
  std::vector<Entry> entries;          // of a table, in file order
  std::vector<Node> elements;          // of an array

  bool is_string() const { return kind == NodeKind::string; }
  bool is_table() const { return kind == NodeKind::table; }
  bool is_array() const { return kind == NodeKind::array; }
  bool is_number() const { return kind == NodeKind::integer || kind == NodeKind::floating; }
  bool is_flag(bool value) const {
    return kind == NodeKind::boolean && text == (value ? "true" : "false");
  }
  const Entry* find(std::string_view name) const;  // nullptr: no such key, or no table
};

struct Entry {
  EntryKey key;
  Node value;
};

std::string_view described(NodeKind kind);  // "an integer"

}  // namespace schemasync
