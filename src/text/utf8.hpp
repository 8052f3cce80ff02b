// UTF-8 as it comes from files: which bytes are, and what stands for those that are not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace schemasync {

// How many bytes the character at `at` has; 0: it is none (overlong forms and surrogates too).
std::size_t utf8_length(std::string_view text, std::size_t at);

bool is_ascii(std::string_view text);

// Each byte that is of no character as U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace schemasync
