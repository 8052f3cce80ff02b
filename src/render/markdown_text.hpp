// Names, values and SQL in Markdown and in the HTML inside it, so that none of them means anything
// there: no table cell, link, mention, tag or fence of a comment is made or ended by a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace schemasync {

// Text of one line. Also fit for a cell of a table.
std::string markdown_text(std::string_view text);
// The same inside HTML, where Markdown is not read: <summary>.
std::string html_text(std::string_view text);
// `name`, in as many backticks as it takes; and the same in a cell of a table, which is cut at
// every bar before code is seen in it.
std::string markdown_code(std::string_view text);
std::string markdown_code_in_cell(std::string_view text);
// A fenced block; the fence is longer than any within.
std::string fenced(std::string_view language, std::string_view body);

// "| a | b |", from cells that are Markdown already.
std::string table_row(const std::vector<std::string>& cells);

}  // namespace schemasync
