#include "pg/conninfo.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>

#include "pg/connection.hpp"
#include "text/strings.hpp"

namespace schemasync {

namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

// Where user and password of a URI stand: [begin, end), end at the last '@' before the query. libpq
// stops at the first '@' or '/', so a password with one of these unescaped would become a host
// name.
struct UserInfo {
  std::size_t begin = 0;
  std::size_t end = 0;
};

bool is_uri(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

UserInfo user_info(std::string_view url) {
  std::size_t begin = 0;
  for (std::string_view scheme : {"postgresql://", "postgres://"})
    if (url.starts_with(scheme)) begin = scheme.size();
  if (begin == 0) return {};
  const std::size_t query = std::min(url.find('?', begin), url.size());
  const std::size_t at = url.substr(0, query).rfind('@');
  if (at == std::string_view::npos || at < begin) return {};
  return {begin, at};
}

void refuse_unescaped_password(const std::string& url) {
  const auto [begin, end] = user_info(url);
  if (end == 0) return;
  const std::string_view info = std::string_view(url).substr(begin, end - begin);
  const std::size_t colon = info.find(':');
  if (colon == std::string_view::npos || info.find_first_of("@/#", colon) == std::string_view::npos)
    return;
  throw Error("the password in the connection string holds a character that ends it: " +
                  without_password(url),
              "write it percent-encoded (@ is %40, / is %2F, # is %23, ? is %3F, : is %3A, % is "
              "%25), or leave "
              "it out and use PGPASSWORD or ~/.pgpass");
}

// Removes `password = value` from a key=value string, the value bare or quoted with \' and \\.
std::string without_keyword_password(const std::string& text) {
  std::string kept;
  std::size_t at = 0;
  const auto is_space = [&](std::size_t i) {
    return std::isspace(static_cast<unsigned char>(text[i])) != 0;
  };
  while (at < text.size()) {
    const std::size_t begin = at;
    while (at < text.size() && is_space(at)) ++at;
    const std::size_t key = at;
    while (at < text.size() && !is_space(at) && text[at] != '=') ++at;
    const std::string name = lowercase(text.substr(key, at - key));
    while (at < text.size() && is_space(at)) ++at;
    if (at < text.size() && text[at] == '=') ++at;
    while (at < text.size() && is_space(at)) ++at;
    if (at < text.size() && text[at] == '\'') {
      for (++at; at < text.size() && text[at] != '\''; ++at)
        if (text[at] == '\\') ++at;
      at = std::min(at + 1, text.size());
    } else {
      for (; at < text.size() && !is_space(at); ++at)
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
    }
    if (name != "password" && name != "sslpassword") kept += text.substr(begin, at - begin);
  }
  return std::string(trimmed(kept));
}

std::string without_query_password(const std::string& query) {
  std::vector<std::string> kept;
  for (const std::string& part : split(query, '&'))
    if (!part.starts_with("password=") && !part.starts_with("sslpassword=")) kept.push_back(part);
  return joined(kept, "&");
}

// Of a connection string that libpq refuses. It repeats the piece that it stumbled over, and where
// the parts of the string are not known, any piece may be one of the password.
std::string what_is_safe_of(const std::string& url, std::string_view libpq_message) {
  const std::size_t scheme = url.find("://");
  if (is_uri(url)) return " " + without_password(url);
  if (scheme != std::string::npos && url.find_first_of("='\"@ ") > scheme)
    return ": " + url.substr(0, scheme) +
           ":// is not PostgreSQL's (the rest is not shown: a password may stand in it)";
  const bool may_hold_password = lowercase(url).find("pass") != std::string::npos;
  if (libpq_message.starts_with("invalid connection option") && !may_hold_password)
    return ": " + std::string(trimmed(libpq_message));
  return " (which is not shown: a password may stand in it)";
}

// What libpq would use for a keyword that the string leaves open: PG* variables, service files, and
// its own defaults.
std::string filled_in(const Conninfo& conninfo, const std::string& keyword) {
  if (const auto given = conninfo.find(keyword); given != conninfo.end()) return given->second;
  const Options defaults(PQconndefaults());
  for (const PQconninfoOption* one = defaults.get(); one != nullptr && one->keyword != nullptr;
       ++one)
    if (one->keyword == keyword && one->val != nullptr) return one->val;
  return {};
}

std::string place(const Conninfo& conninfo) {
  const std::string user = filled_in(conninfo, "user");
  std::string database = filled_in(conninfo, "dbname");
  if (database.empty()) database = user;
  std::string host = filled_in(conninfo, "host");
  if (host.empty()) host = filled_in(conninfo, "hostaddr");
  if (host.empty()) host = "the local socket";
  std::string text = display_name(database) + " at " + host;
  if (host.find('/') == std::string::npos) text += ":" + filled_in(conninfo, "port");
  return text + " as " + display_name(user);
}

std::string advice(const std::string& sqlstate, const std::string& message,
                   const Conninfo& conninfo) {
  const auto says = [&](std::string_view words) {
    return message.find(words) != std::string::npos;
  };
  if (sqlstate == "28P01")
    return "check the password: it comes from the url, PGPASSWORD or ~/.pgpass";
  if (says("no password supplied"))
    return "give a password: in the url by ${VARIABLE}, in PGPASSWORD or in ~/.pgpass";
  if (sqlstate == "28000" && says("does not exist"))
    return "create the role (CREATE ROLE … LOGIN), or name another user in the url";
  if (sqlstate == "28000")
    return "the server does not let this user in from here: name the right user in the url, or "
           "let pg_hba.conf allow it";
  if (sqlstate == "3D000")
    return "create it (createdb " + display_name(filled_in(conninfo, "dbname")) +
           "), or name another database in the url";
  if (sqlstate == "42501") return "GRANT CONNECT ON DATABASE … TO this role, or use another one";
  if (sqlstate == "53300")
    return "the server has no free connection: wait, or raise max_connections";
  if (sqlstate == "57P03") return "the server starts up or stops: try again in a moment";
  if (says("could not translate host name")) return "check the host name in the url";
  if (says("SSL")) return "check sslmode, and what the server offers";
  return "check that the server runs, and that host and port in the url are right";
}

}  // namespace

Conninfo parse_conninfo(const std::string& url) {
  refuse_unescaped_password(url);
  char* message = nullptr;
  const Options options(PQconninfoParse(url.c_str(), &message));
  if (!options) {
    const std::string said = message != nullptr ? message : "out of memory";
    PQfreemem(message);
    throw Error("cannot read the connection string" + what_is_safe_of(url, said),
                "write postgresql://user@host:5432/database or host=… dbname=…");
  }
  Conninfo conninfo;
  for (const PQconninfoOption* one = options.get(); one->keyword != nullptr; ++one)
    if (one->val != nullptr) conninfo[one->keyword] = one->val;
  for (const std::string& port : split(conninfo["port"], ','))
    if (port.find_first_not_of("0123456789") != std::string::npos)
      // What stands where the port should is a password when the @ behind it was forgotten.
      throw Error(
          "cannot read the port in the connection string (which is not shown: a piece of a "
          "password may stand there)",
          "write postgresql://user:password@host:5432/database; a password that holds : / "
          "@ # ? or % is written percent-encoded");
  if (conninfo["port"].empty()) conninfo.erase("port");
  return conninfo;
}

std::string conninfo_text(const Conninfo& conninfo) {
  std::string text;
  for (const auto& [keyword, value] : conninfo) {
    if (!text.empty()) text += ' ';
    text += keyword + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += '\'';
  }
  return text;
}

std::string url_for_database(const std::string& url, const std::string& database) {
  Conninfo conninfo = parse_conninfo(url);
  conninfo["dbname"] = database;
  return conninfo_text(conninfo);
}

std::string without_password(const std::string& url) {
  if (!is_uri(url)) return without_keyword_password(url);
  std::string shown = url;
  const auto [begin, end] = user_info(url);
  if (end != 0) {
    const std::size_t colon = url.find(':', begin);
    if (colon < end) shown.erase(colon, end - colon);
  }
  if (const std::size_t query = shown.find('?'); query != std::string::npos) {
    const std::string kept = without_query_password(shown.substr(query + 1));
    shown.resize(query);
    if (!kept.empty()) shown += "?" + kept;
  }
  return shown;
}

std::string scrubbed(std::string text, const Conninfo& conninfo) {
  std::vector<std::string> secrets;
  for (const char* keyword : {"password", "sslpassword"})
    if (const auto given = conninfo.find(keyword); given != conninfo.end())
      secrets.push_back(given->second);
  if (const char* variable = std::getenv("PGPASSWORD")) secrets.emplace_back(variable);
  for (const std::string& secret : secrets) {
    // A password of one or two letters is part of too many words; libpq does not repeat passwords.
    if (secret.size() < 3) continue;
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += 3)
      text.replace(at, secret.size(), "***");
  }
  return text;
}

std::vector<std::string> connection_causes(std::string_view libpq_message) {
  std::vector<std::string> causes;
  for (const std::string& line : split(libpq_message, '\n')) {
    if (line.empty() || line.front() == '\t')
      continue;  // "Is the server running …?": our hint says it
    std::string_view cause = line;
    if (const std::size_t at = cause.find(" failed: "); at != std::string_view::npos)
      cause.remove_prefix(at + 9);
    for (std::string_view severity : {"FATAL:  ", "ERROR:  "})
      if (cause.starts_with(severity)) cause.remove_prefix(severity.size());
    std::string text(trimmed(cause));
    if (!text.empty() && std::find(causes.begin(), causes.end(), text) == causes.end())
      causes.push_back(std::move(text));
  }
  return causes;
}

std::string refusal_of(const Conninfo& conninfo) {
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  const std::unique_ptr<PGconn, Finish> connection(PQconnectStart(conninfo_text(conninfo).c_str()));
  if (!connection || PQstatus(connection.get()) == CONNECTION_BAD) return {};
  PQsetErrorVerbosity(connection.get(), PQERRORS_SQLSTATE);  // "FATAL:  28P01", from libpq 12
  auto state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    pollfd wait{PQsocket(connection.get()),
                static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    if (poll(&wait, 1, 5000) <= 0) return {};
    state = PQconnectPoll(connection.get());
  }
  const std::vector<std::string> causes = connection_causes(PQerrorMessage(connection.get()));
  if (causes.empty()) return {};
  // The severity is in the server's language, the five characters behind it are not.
  const std::string& last = causes.back();
  const std::string code = last.substr(last.size() < 5 ? 0 : last.size() - 5);
  const bool is_code = code.size() == 5 && std::all_of(code.begin(), code.end(), [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                       });
  return is_code ? code : std::string();
}

Error connection_error(const Conninfo& conninfo, std::string_view libpq_message,
                       const std::string& sqlstate) {
  const std::string said = joined(connection_causes(libpq_message), "; ");
  return Error(scrubbed("cannot connect to " + place(conninfo) + ": " + said, conninfo),
               advice(sqlstate, said, conninfo));
}

}  // namespace schemasync
