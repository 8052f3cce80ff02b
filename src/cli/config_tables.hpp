// The tables of schemasync.toml as values: [env.X] and [shadow]. config.cpp reads each of them
// twice: once to check it, with nothing expanded, and once with the environment when it is the one
// in use.
#pragma once

#include <string_view>

#include "cli/config.hpp"

namespace schemasync {

constexpr std::string_view unknown_to_this_version =
    "this version of schemasync does not know the key: take it out";

// `environment` nullptr: strings with variables are taken for right and left out.
Env read_env(const Document& document, const Entry& entry, const Environment* environment,
             Mistakes& mistakes);
void check_env_name(const EntryKey& key, Mistakes& mistakes);
Shadow read_shadow(const Document& document, const Entry& entry, const Environment* environment,
                   Mistakes& mistakes);

}  // namespace schemasync
