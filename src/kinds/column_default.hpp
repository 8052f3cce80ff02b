// What a model's `default` and `backfill` say: a TOML literal as SQL, with PostgreSQL's own
// spelling where that is known without asking a server, or an expression. Refuses text that looks
// like SQL.
#pragma once

#include <optional>
#include <string>

#include "kinds/model_file.hpp"

namespace schemasync {

struct ColumnValue {
  SqlText sql;
  std::optional<std::string> text;  // a string literal's value
};

// `type` is canonical, or as written where it is not built in.
std::optional<ColumnValue> load_value(ModelFile& file, Section& section, std::string_view key,
                                      const std::string& type);

// 'calm'::public.mood
std::string cast_literal(const std::string& text, const std::string& type);

}  // namespace schemasync
