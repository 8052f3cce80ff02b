// Comment, owner and grants: the same for every kind, told apart by how an object is addressed.
#include <algorithm>

#include "kinds/aspect_rules.hpp"
#include "kinds/context.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

Sql role(const std::string& name) {
  return name == "public" ? sql("PUBLIC") : Sql(Identifier{name});
}

// A privilege is a keyword of PostgreSQL; an unknown one is an error of the server, never quoted
// text.
Sql privilege(const std::string& name) {
  std::string safe;
  for (const char c : name)
    if ((c >= 'a' && c <= 'z') || c == ' ')
      safe += static_cast<char>(c == ' ' ? ' ' : c - 'a' + 'A');
  return Sql(Expression{safe});
}

Sql privileges(const Grant& grant) {
  std::vector<Sql> words;
  for (const std::string& word : grant.privileges)
    words.push_back(grant.columns.empty()
                        ? privilege(word)
                        : sql("{} ({})", privilege(word), identifiers(grant.columns)));
  return join(words, ", ");
}

// GRANT and REVOKE know no COLUMN and no VIEW: columns go with their table, a view is a table.
Sql grant_address(const Object& object, const Sql& address) {
  if (object.id.kind == "view") return sql("TABLE {}", name_of(object.id));
  return address;
}

Step granted(const Grant& grant, const Sql& address) {
  return step(sql("GRANT {} ON {} TO {}{}", privileges(grant), address, role(grant.to),
                  grant.grantable ? sql(" WITH GRANT OPTION") : Sql()));
}

std::string shown(const Grant& grant) {
  return joined(grant.privileges, ", ") +
         (grant.columns.empty() ? "" : " (" + joined(grant.columns, ", ") + ")") + " to " +
         grant.to + (grant.grantable ? " with grant option" : "");
}

// Privileges on a column that comes or goes come and go with it: by its own change.
std::vector<Grant> of_what_stays(const Object& object, const Context& context) {
  std::vector<Grant> grants;
  for (Grant grant : object.aspects.grants.value_or(std::vector<Grant>{})) {
    const bool of_columns = !grant.columns.empty();
    std::erase_if(grant.columns, [&](const std::string& name) {
      const ObjectId column = column_id(object.id, name);
      return context.is_made(column) || context.is_dropped(column);
    });
    if (!of_columns || !grant.columns.empty()) grants.push_back(std::move(grant));
  }
  return grants;
}

Change aspect_change(const Object& to, const Context& context, const Rule& rule, std::string why,
                     std::string summary, std::string part) {
  Change made = change(context, rule, to, std::move(why), std::move(summary));
  made.part = std::move(part);
  made.backup = "a dump of the database";
  made.blocks = "Nobody.";
  made.needs.push_back(to.id);
  return made;
}

std::string quoted(const std::optional<std::string>& comment) {
  return comment ? "\"" + *comment + "\"" : "none";
}

}  // namespace

std::vector<Step> aspect_steps(const Object& made, const Sql& address) {
  std::vector<Step> steps;
  if (made.aspects.comment)
    steps.push_back(step(sql("COMMENT ON {} IS {}", address, Literal{*made.aspects.comment})));
  if (made.aspects.owner)
    steps.push_back(step(sql("ALTER {} OWNER TO {}", address, Identifier{*made.aspects.owner})));
  for (const Grant& grant : made.aspects.grants.value_or(std::vector<Grant>{}))
    steps.push_back(granted(grant, grant_address(made, address)));
  return steps;
}

std::vector<Step> column_grant_steps(const ObjectId& column, const Context& context) {
  std::vector<Step> steps;
  const Table* table = context.to.find<Table>(column.owner());
  if (table == nullptr || !table->aspects.grants) return steps;
  for (Grant grant : *table->aspects.grants) {
    if (std::find(grant.columns.begin(), grant.columns.end(), column.name) == grant.columns.end())
      continue;
    grant.columns = {column.name};
    steps.push_back(granted(grant, Table::address(table->id)));
  }
  return steps;
}

std::vector<Change> alter_aspects(const Object& from, const Object& to, const Sql& address,
                                  const Context& context) {
  std::vector<Change> changes;
  if (from.aspects.comment != to.aspects.comment) {
    Change made = aspect_change(to, context, aspect_rule("*.comment"),
                                "Only people and tools that read comments see it.",
                                "Change comment of " + to.id.kind + " " + to.id.shown(), "comment");
    made.strategy = "COMMENT ON";
    made.undo = {Undo::Kind::lossless, "sets the old comment again."};
    made.up.push_back(step(to.aspects.comment
                               ? sql("COMMENT ON {} IS {}", address, Literal{*to.aspects.comment})
                               : sql("COMMENT ON {} IS NULL", address)));
    made.diff = {"~ " + to.id.shown() + "  comment " + quoted(from.aspects.comment) + " -> " +
                 quoted(to.aspects.comment)};
    changes.push_back(std::move(made));
  }
  if (to.aspects.owner && from.aspects.owner != to.aspects.owner) {
    Change made =
        aspect_change(to, context, aspect_rule("*.owner"),
                      "Only the owner may alter or drop it, and its old owner loses that.",
                      "Change owner of " + to.id.kind + " " + to.id.shown(), "owner");
    made.strategy = "ALTER OWNER";
    made.undo = {Undo::Kind::lossless, "gives it back to its old owner."};
    made.up.push_back(step(sql("ALTER {} OWNER TO {}", address, Identifier{*to.aspects.owner})));
    made.diff = {"~ " + to.id.shown() + "  owner " + from.aspects.owner.value_or("") + " -> " +
                 *to.aspects.owner};
    changes.push_back(std::move(made));
  }
  const std::vector<Grant> before = of_what_stays(from, context);
  const std::vector<Grant> after = of_what_stays(to, context);
  if (before != after) {
    Change made =
        aspect_change(to, context, aspect_rule("*.grants"),
                      "A role that loses a privilege fails at once; one that gets it sees more.",
                      "Change grants of " + to.id.kind + " " + to.id.shown(), "grants");
    made.strategy = "REVOKE and GRANT";
    made.undo = {Undo::Kind::lossless, "gives each role back what it had."};
    const Sql target = grant_address(to, address);
    for (const Grant& grant : before) {
      if (std::find(after.begin(), after.end(), grant) != after.end()) continue;
      made.up.push_back(
          step(sql("REVOKE {} ON {} FROM {}", privileges(grant), target, role(grant.to))));
      made.diff.push_back("- " + to.id.shown() + "  grant " + shown(grant));
      made.breaking = "a role loses a privilege";
    }
    // Everything that is to hold, again: a REVOKE above may have taken a part of it.
    for (const Grant& grant : after) {
      made.up.push_back(granted(grant, target));
      if (std::find(before.begin(), before.end(), grant) == before.end())
        made.diff.push_back("+ " + to.id.shown() + "  grant " + shown(grant));
    }
    changes.push_back(std::move(made));
  }
  return changes;
}

}  // namespace schemasync
