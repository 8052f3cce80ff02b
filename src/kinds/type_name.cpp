#include "kinds/type_name.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "text/strings.hpp"

namespace schemasync {
namespace {

using Word = std::string_view;

// "all analyse any" as a list; sorted as it is written.
consteval std::size_t count_of(std::string_view text) {
  std::size_t count = 1;
  for (const char c : text) count += c == ' ' ? 1 : 0;
  return count;
}
template <std::size_t N>
consteval std::array<Word, N> words(std::string_view text) {
  std::array<Word, N> list;
  for (Word& word : list) {
    word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return list;
}

// pg_get_keywords() where catcode <> 'U': those that quote_ident quotes. Sorted, as all words here.
constexpr Word keywords_text =
    "all analyse analyze and any array as asc asymmetric authorization between bigint binary "
    "bit boolean both case cast char character check coalesce collate collation column "
    "concurrently constraint create cross current_catalog current_date current_role "
    "current_schema current_time current_timestamp current_user dec decimal default "
    "deferrable desc distinct do else end except exists extract false fetch float for "
    "foreign freeze from full grant greatest group grouping having ilike in initially inner "
    "inout int integer intersect interval into is isnull join lateral leading least left "
    "like limit localtime localtimestamp national natural nchar none normalize not notnull "
    "null nullif numeric offset on only or order out outer overlaps overlay placing position "
    "precision primary real references returning right row select session_user setof similar "
    "smallint some substring symmetric table tablesample then time timestamp to trailing "
    "treat trim true union unique user using values varchar variadic verbose when where "
    "window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces "
    "xmlparse xmlpi xmlroot xmlserialize xmltable";
constexpr auto keywords = words<count_of(keywords_text)>(keywords_text);

// Types of pg_catalog without modifiers, whose name is their one spelling.
constexpr Word plain_types_text =
    "aclitem box bytea cid cidr circle date datemultirange daterange gtsvector inet "
    "int2vector int4multirange int4range int8multirange int8range json jsonb jsonpath line "
    "lseg macaddr macaddr8 money name nummultirange numrange oid oidvector path pg_lsn "
    "pg_snapshot point polygon refcursor regclass regcollation regconfig regdictionary "
    "regnamespace regoper regoperator regproc regprocedure regrole regtype text tid "
    "tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot uuid xid "
    "xid8 xml";
constexpr auto plain_types = words<count_of(plain_types_text)>(plain_types_text);

constexpr Word pseudo_types_text =
    "any anyarray anycompatible anyelement anyenum anynonarray anyrange cstring "
    "event_trigger fdw_handler internal record trigger unknown void";
constexpr auto pseudo_types = words<count_of(pseudo_types_text)>(pseudo_types_text);

// Types of pg_catalog that print as another name.
constexpr Word internal_names_text =
    "bit bool bpchar float4 float8 int2 int4 int8 interval "
    "numeric time timestamp timestamptz timetz varbit varchar";
constexpr auto internal_names = words<count_of(internal_names_text)>(internal_names_text);

template <std::size_t N>
bool holds(const std::array<Word, N>& words, std::string_view word) {
  return std::binary_search(words.begin(), words.end(), word);
}

// What the modifiers in parentheses mean for a built-in type.
enum class Modifiers { none, length, length_of_one, precision_and_scale, float_bits, fraction };

struct BuiltIn {
  std::string_view written;  // by the grammar, or the internal name
  std::string_view printed;  // before its modifiers
  Modifiers modifiers = Modifiers::none;
  std::string_view behind = {};  // printed after them
};

// Names that PostgreSQL's grammar knows, and the internal names that print as another.
constexpr std::array built_ins = {
    BuiltIn{"int", "integer"},
    BuiltIn{"integer", "integer"},
    BuiltIn{"int4", "integer"},
    BuiltIn{"smallint", "smallint"},
    BuiltIn{"int2", "smallint"},
    BuiltIn{"bigint", "bigint"},
    BuiltIn{"int8", "bigint"},
    BuiltIn{"real", "real"},
    BuiltIn{"float4", "real"},
    BuiltIn{"double precision", "double precision"},
    BuiltIn{"float8", "double precision"},
    BuiltIn{"float", "double precision", Modifiers::float_bits},
    BuiltIn{"numeric", "numeric", Modifiers::precision_and_scale},
    BuiltIn{"decimal", "numeric", Modifiers::precision_and_scale},
    BuiltIn{"dec", "numeric", Modifiers::precision_and_scale},
    BuiltIn{"boolean", "boolean"},
    BuiltIn{"bool", "boolean"},
    BuiltIn{"varchar", "character varying", Modifiers::length},
    BuiltIn{"character varying", "character varying", Modifiers::length},
    BuiltIn{"char varying", "character varying", Modifiers::length},
    BuiltIn{"national character varying", "character varying", Modifiers::length},
    BuiltIn{"national char varying", "character varying", Modifiers::length},
    BuiltIn{"nchar varying", "character varying", Modifiers::length},
    BuiltIn{"character", "character", Modifiers::length_of_one},
    BuiltIn{"char", "character", Modifiers::length_of_one},
    BuiltIn{"national character", "character", Modifiers::length_of_one},
    BuiltIn{"national char", "character", Modifiers::length_of_one},
    BuiltIn{"nchar", "character", Modifiers::length_of_one},
    BuiltIn{"bpchar", "bpchar", Modifiers::length},
    BuiltIn{"bit", "bit", Modifiers::length_of_one},
    BuiltIn{"bit varying", "bit varying", Modifiers::length},
    BuiltIn{"varbit", "bit varying", Modifiers::length},
    BuiltIn{"timestamp", "timestamp", Modifiers::fraction, " without time zone"},
    BuiltIn{"timestamptz", "timestamp", Modifiers::fraction, " with time zone"},
    BuiltIn{"time", "time", Modifiers::fraction, " without time zone"},
    BuiltIn{"timetz", "time", Modifiers::fraction, " with time zone"},
    BuiltIn{"interval", "interval", Modifiers::fraction},
};

constexpr Word interval_fields[] = {"year",
                                    "month",
                                    "day",
                                    "hour",
                                    "minute",
                                    "second",
                                    "year to month",
                                    "day to hour",
                                    "day to minute",
                                    "day to second",
                                    "hour to minute",
                                    "hour to second",
                                    "minute to second"};

const BuiltIn* built_in(std::string_view name) {
  const auto found = std::find_if(built_ins.begin(), built_ins.end(),
                                  [&](const BuiltIn& one) { return one.written == name; });
  return found == built_ins.end() ? nullptr : &*found;
}

// ---- the text of a type in pieces ------------------------------------------------------------

struct Written {
  std::string words;  // unquoted words in lower case, one blank between: "timestamp"; or
  std::vector<std::string> path;         // a name with quotes or dots: {"app", "Order State"}
  std::optional<std::string> modifiers;  // between the parentheses
  std::string words_behind;              // "with time zone"
  bool array = false;
  bool sound = true;
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Written read() {
    Written out;
    read_name(out);
    blanks();
    if (peek() == '(') out.modifiers = parentheses(out);
    out.words_behind = words();
    if (out.words_behind == "array" || out.words_behind.ends_with(" array")) {
      out.words_behind.resize(out.words_behind.size() -
                              std::min<std::size_t>(6, out.words_behind.size()));
      if (out.words_behind == "array") out.words_behind.clear();
      out.array = true;
    }
    if (out.words == "array" || out.words.ends_with(" array")) {
      out.array = out.words.size() > 5;
      if (out.array) out.words.resize(out.words.size() - 6);
    }
    brackets(out);
    blanks();
    out.sound = out.sound && at_ == text_.size();
    return out;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void blanks() {
    while (is_blank(peek())) ++at_;
  }
  std::string word() {
    std::string out;
    while (is_letter(peek()) || (!out.empty() && (is_digit(peek()) || peek() == '$')))
      out += text_[at_++];
    return lowercase(out);
  }
  std::string words() {
    std::string out;
    for (blanks(); is_letter(peek()); blanks()) out += (out.empty() ? "" : " ") + word();
    return out;
  }
  std::string quoted(Written& out) {
    std::string name;
    for (++at_; at_ < text_.size(); ++at_) {
      if (peek() == '"' && (at_ + 1 >= text_.size() || text_[at_ + 1] != '"')) {
        ++at_;
        if (name.empty()) out.sound = false;
        return name;
      }
      if (peek() == '"') ++at_;
      name += text_[at_];
    }
    out.sound = false;
    return name;
  }
  void read_name(Written& out) {
    blanks();
    const std::size_t begin = at_;
    std::string first = words();
    blanks();
    if (peek() != '.' && peek() != '"') {
      out.words = std::move(first);
      out.sound = !out.words.empty();
      return;
    }
    at_ = begin;
    while (true) {
      blanks();
      out.path.push_back(peek() == '"' ? quoted(out) : word());
      out.sound = out.sound && !out.path.back().empty();
      blanks();
      if (peek() != '.') return;
      ++at_;
    }
  }
  std::string parentheses(Written& out) {
    const std::size_t close = text_.find(')', at_);
    if (close == std::string_view::npos) {
      out.sound = false;
      return "";
    }
    std::string inside(text_.substr(at_ + 1, close - at_ - 1));
    at_ = close + 1;
    return inside;
  }
  void brackets(Written& out) {
    for (blanks(); peek() == '['; blanks()) {
      ++at_;
      while (is_digit(peek()) || is_blank(peek())) ++at_;
      if (peek() != ']') {
        out.sound = false;
        return;
      }
      ++at_;
      out.array = true;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// ---- built-in types --------------------------------------------------------------------------

std::optional<std::vector<int>> numbers_of(std::string_view modifiers) {
  std::vector<int> numbers;
  for (const std::string& part : split(modifiers, ',')) {
    const std::string_view digits = trimmed(part);
    int number = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || failure != std::errc() || end != digits.data() + digits.size())
      return std::nullopt;
    numbers.push_back(number);
  }
  return numbers;
}

TypeName problem(std::string what, std::string hint = {}) {
  return {"", std::nullopt, std::move(what), std::move(hint)};
}

std::string in_parentheses(const std::vector<int>& numbers) {
  std::vector<std::string> parts;
  for (const int number : numbers) parts.push_back(std::to_string(number));
  return "(" + joined(parts, ",") + ")";
}

TypeName out_of_range(const BuiltIn& type, std::string_view what, int least, int most) {
  return problem(std::string(what) + " of " + std::string(type.written) + " must be " +
                 std::to_string(least) + " to " + std::to_string(most));
}

// The type with its modifiers, `numbers` empty where there are none.
TypeName spelled(const BuiltIn& type, std::vector<int> numbers) {
  const std::size_t most = type.modifiers == Modifiers::none                  ? 0
                           : type.modifiers == Modifiers::precision_and_scale ? 2
                                                                              : 1;
  if (numbers.size() > most)
    return problem("type " + std::string(type.written) +
                   (most == 0 ? " takes no modifier" : " takes fewer modifiers"));
  std::string printed(type.printed);
  constexpr int longest = 10485760;  // MaxAttrSize
  switch (type.modifiers) {
    case Modifiers::none:
      break;
    case Modifiers::length_of_one:
      if (numbers.empty()) numbers = {1};
      [[fallthrough]];
    case Modifiers::length:
      if (!numbers.empty() && (numbers[0] < 1 || numbers[0] > longest))
        return out_of_range(type, "the length", 1, longest);
      if (!numbers.empty() && printed == "bpchar") printed = "character";
      break;
    case Modifiers::precision_and_scale:
      if (!numbers.empty() && (numbers[0] < 1 || numbers[0] > 1000))
        return out_of_range(type, "the precision", 1, 1000);
      if (numbers.size() == 1) numbers.push_back(0);
      if (numbers.size() == 2 && (numbers[1] < -1000 || numbers[1] > 1000))
        return out_of_range(type, "the scale", -1000, 1000);
      break;
    case Modifiers::float_bits:
      if (!numbers.empty() && (numbers[0] < 1 || numbers[0] > 53))
        return out_of_range(type, "the precision in bits", 1, 53);
      if (!numbers.empty() && numbers[0] <= 24) printed = "real";
      numbers.clear();
      break;
    case Modifiers::fraction:
      if (!numbers.empty() && (numbers[0] < 0 || numbers[0] > 6))
        return out_of_range(type, "the digits of a second", 0, 6);
      break;
  }
  if (!numbers.empty()) printed += in_parentheses(numbers);
  return {printed + std::string(type.behind), std::nullopt, "", ""};
}

std::optional<TypeName> with_time_zone(const Written& written, const std::vector<int>& numbers) {
  if (!written.words.starts_with("time")) return std::nullopt;
  for (const std::string_view base : {std::string_view("timestamp"), std::string_view("time")}) {
    for (const bool with : {true, false}) {
      const std::string zone = with ? "with time zone" : "without time zone";
      const std::string tz = std::string(base) + (with ? "tz" : "");
      if (written.words == base && written.words_behind == zone)
        return spelled(*built_in(tz), numbers);
      if (written.words == std::string(base) + " " + zone && written.words_behind.empty()) {
        if (numbers.empty()) return spelled(*built_in(tz), {});
        return problem(
            "the digits of a second stand behind " + std::string(base),
            "write \"" + std::string(base) + in_parentheses(numbers) + " " + zone + "\"");
      }
    }
  }
  return std::nullopt;
}

std::optional<TypeName> interval(const Written& written, const std::vector<int>& numbers) {
  if (!written.words.starts_with("interval ") || !written.words_behind.empty()) return std::nullopt;
  const std::string_view fields = std::string_view(written.words).substr(9);
  if (std::find(std::begin(interval_fields), std::end(interval_fields), fields) ==
      std::end(interval_fields))
    return std::nullopt;
  if (!numbers.empty() && !fields.ends_with("second"))
    return problem("only seconds take digits in " + written.words);
  TypeName type = spelled(*built_in("interval"), numbers);
  if (type.problem.empty())
    type.built_in = written.words + type.built_in.substr(std::string_view("interval").size());
  return type;
}

// Of pg_catalog by its internal name, as quoted or qualified names reach it.
std::optional<TypeName> internal(std::string_view name, const std::vector<int>& numbers) {
  if (name == "char") return TypeName{"\"char\"", std::nullopt, "", ""};
  if (name == "bit" && numbers.empty()) return TypeName{"\"bit\"", std::nullopt, "", ""};
  if (holds(plain_types, name)) return spelled({name, name}, numbers);
  if (!holds(internal_names, name)) return std::nullopt;
  return spelled(*built_in(name), numbers);
}

std::optional<TypeName> known_type(const Written& written, const std::vector<int>& numbers) {
  if (!written.path.empty()) {
    if (!written.words_behind.empty()) return std::nullopt;
    if (written.path.size() == 1) return internal(written.path[0], numbers);
    if (written.path.size() == 2 && written.path[0] == "pg_catalog")
      return internal(written.path[1], numbers);
    return std::nullopt;
  }
  if (std::optional<TypeName> type = with_time_zone(written, numbers)) return type;
  if (std::optional<TypeName> type = interval(written, numbers)) return type;
  if (!written.words_behind.empty()) return std::nullopt;
  if (const BuiltIn* type = built_in(written.words)) return spelled(*type, numbers);
  if (holds(plain_types, written.words)) return spelled({written.words, written.words}, numbers);
  return std::nullopt;
}

// Whoever writes DDL puts the column's attributes behind its type.
std::string_view attribute_hint(std::string_view text) {
  static constexpr std::array hints = {
      std::pair{" not null", "a column is NOT NULL unless a ? stands behind its type"},
      std::pair{" primary key", "write { type = \"...\", primary_key = true }"},
      std::pair{" unique", "write { type = \"...\", unique = true }"},
      std::pair{" default ", "write { type = \"...\", default = ... }"},
      std::pair{" references ", "write { type = \"...\", references = \"table.column\" }"},
      std::pair{" generated ", "write { type = \"...\", generated = \"...\" }"},
      std::pair{" collate ", "collations are no part of these models"},
      std::pair{" null", "a nullable column is marked by a ? behind its type"},
  };
  const std::string lower = lowercase(text);
  for (const auto& [words, hint] : hints)
    if (lower.find(words) != std::string::npos) return hint;
  return {};
}

std::string without_blanks(std::string text) {
  std::erase_if(text, is_blank);
  return text;
}

}  // namespace

std::string quote_ident(std::string_view name) {
  const auto safe = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  bool bare = !name.empty() && safe(name.front()) && !holds(keywords, name);
  for (const char c : name) bare = bare && (safe(c) || is_digit(c));
  if (bare) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string UserType::spelled(std::string_view in_schema) const {
  return quote_ident(in_schema) + "." + quote_ident(name) + modifiers + (array ? "[]" : "");
}

TypeName parse_type(std::string_view text) {
  Written written = Reader(text).read();
  // pg_type names an array of int4 _int4.
  if (written.words.starts_with('_') && internal(written.words.substr(1), {})) {
    written.words.erase(0, 1);
    written.path = {std::exchange(written.words, "")};
    written.array = true;
  }
  if (!written.sound) return problem("this is not a type", std::string(attribute_hint(text)));
  std::vector<int> numbers;
  bool are_numbers = true;
  if (written.modifiers) {
    const std::optional<std::vector<int>> found = numbers_of(*written.modifiers);
    are_numbers = found.has_value();
    if (found) numbers = *found;
  }
  if (std::optional<TypeName> type = known_type(written, numbers)) {
    if (!type->problem.empty()) return *type;
    if (!are_numbers) return problem("what stands in its parentheses must be numbers");
    if (written.array) type->built_in += "[]";
    return *type;
  }
  if (serial_type(written.words))
    return problem(written.words + " takes no modifiers and makes no arrays",
                   "write an integer type, and its default as { sql = \"nextval(...)\" }");
  if (holds(pseudo_types, written.words))
    return problem(written.words + " is a pseudo-type, which no column can have");
  UserType type;
  type.array = written.array;
  if (written.modifiers) type.modifiers = "(" + without_blanks(*written.modifiers) + ")";
  const bool several = written.words.find(' ') != std::string::npos;
  if (several || !written.words_behind.empty() || written.path.size() > 2) {
    std::string hint(attribute_hint(text));
    if (hint.empty() && several) hint = "a name with blanks is quoted: \"\\\"Order State\\\"\"";
    return problem("this is not a type", std::move(hint));
  }
  type.name = written.path.empty() ? written.words : written.path.back();
  if (written.path.size() == 2) type.schema = written.path.front();
  return {"", type, "", ""};
}

std::optional<std::string> canonical_type(std::string_view written) {
  TypeName type = parse_type(written);
  if (type.built_in.empty()) return std::nullopt;
  return type.built_in;
}

std::optional<std::string> serial_type(std::string_view written) {
  const std::string word = lowercase(trimmed(written));
  if (word == "serial" || word == "serial4") return "integer";
  if (word == "bigserial" || word == "serial8") return "bigint";
  if (word == "smallserial" || word == "serial2") return "smallint";
  return std::nullopt;
}

}  // namespace schemasync
