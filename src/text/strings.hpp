// Small pure functions on text that the standard library lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schemasync {

// The candidate nearest to `word` (bytes changed, left out,
// put in or swapped; case folded), when it is near enough to
// be meant: at most a third of the word's length, at least 1.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

// 1234567 -> "1,234,567".
std::string with_commas(std::int64_t number);

// 49152 -> "48 kB", as pg_size_pretty prints it.
std::string size_text(std::int64_t bytes);

// "256MB" -> bytes, "3s" -> milliseconds, in PostgreSQL's units (kB MB GB TB; ms s min h d).
// nullopt when the text is not one.
std::optional<std::int64_t> parse_size(std::string_view text);
std::optional<std::int64_t> parse_duration_ms(std::string_view text);

std::string joined(const std::vector<std::string>& parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trimmed(std::string_view text);
std::string lowercase(std::string_view text);  // ASCII

// "1 table", "3 tables".
std::string counted(std::int64_t count, std::string_view singular, std::string_view plural = {});

// Cuts to at most `bytes` without splitting a UTF-8 character, as PostgreSQL shortens names.
std::string_view clipped(std::string_view text, std::size_t bytes);

}  // namespace schemasync
