#include "load/normalise.hpp"

#include <algorithm>
#include <set>

#include "kinds/sql_texts.hpp"
#include "kinds/type_name.hpp"
#include "load/match.hpp"

namespace schemasync {
namespace {

// New tables are asked about up to this many objects. Beyond, where they are all that changes, the
// one transaction that makes them tells, and leaves nothing behind.
constexpr std::size_t asked_of_new_tables = 200;

// The same text as the catalog's, or as the catalog's was understood: nothing to ask. True when
// that makes every object of the models equal to the one of its name.
bool take_known_spellings(Schema& wanted, const Schema& live) {
  bool all_equal = true;
  for_each_kind([&]<class K>() {
    each_pair<K>(wanted, live, [&](const ObjectId&, K* object, const K* now) {
      if (object == nullptr) return;
      if (now == nullptr) {
        all_equal = false;
        return;
      }
      each_sql(*object, now, [](SqlText& text, const SqlText* known) {
        if (!text.asked() && known != nullptr && known->text == text.text)
          text.canon = known->canon;
      });
      if (object->uses.empty() && !now->uses.empty() && all_asked(*object))
        object->uses = now->uses;
      all_equal = all_equal && same_attributes(*object, *now);
    });
  });
  return all_equal;
}

bool is_new(const Schema& live, const Object& object) {
  const ObjectId table = object.id.owner();
  return table.kind == "table" && !live.has(table);
}

// Something else than new tables changes: then the migration may be more than one transaction, and
// a mistake found by a later one would leave it half done.
bool changes_what_is_there(const Schema& wanted, const Schema& live) {
  bool changes = false;
  for_each_kind([&]<class K>() {
    each_pair<K>(wanted, live, [&](const ObjectId& id, const K* object, const K* now) {
      if (now != nullptr)
        changes = changes || object == nullptr || !same_attributes(*now, *object);
      else
        changes = changes || live.has(id.owner());
    });
  });
  return changes;
}

// The objects with SQL that nobody has spelled yet.
Schema questions(const Schema& wanted, const Schema& live) {
  Schema asked;
  Schema of_new_tables;
  std::size_t new_ones = 0;
  bool all_of_them = false;
  for_each_kind([&]<class K>() {
    each_pair<K>(wanted, live, [&](const ObjectId&, const K* object, const K* now) {
      if (object == nullptr || all_asked(*object)) return;
      if (now != nullptr && same_attributes(*now, *object)) return;
      if (!is_new(live, *object)) {
        asked.add(*object);
        return;
      }
      if (++new_ones == asked_of_new_tables + 1) all_of_them = changes_what_is_there(wanted, live);
      if (new_ones <= asked_of_new_tables || all_of_them) of_new_tables.add(*object);
    });
  });
  if (new_ones > asked_of_new_tables && !all_of_them) return asked;
  for_each_kind([&]<class K>() { asked.all<K>().merge(of_new_tables.all<K>()); });
  return asked;
}

bool nothing_in(const Schema& schema) {
  bool empty = true;
  for_each_kind([&]<class K>() { empty = empty && schema.all<K>().empty(); });
  return empty;
}

// The tables that the questions are about, their columns with their types alone; types and
// sequences. Whatever stands alone and is asked may stand on any table.
Schema ground_for(const Schema& asked, const Schema& all) {
  Schema base;
  std::set<ObjectId> tables;
  bool every_table = false;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : asked.all<K>()) {
      if (id.table.empty()) every_table = true;
      tables.insert(id.owner());
    }
  });
  for (const auto& [id, type] : all.all<Enum>()) {
    Enum bare = type;
    bare.aspects = {};
    base.add(std::move(bare));
  }
  for (const auto& [id, table] : all.all<Table>()) {
    if (!every_table && tables.count(id) == 0) continue;
    Table bare;
    bare.id = id;
    base.add(std::move(bare));
    for (const Column* column : all.parts<Column>(id)) {
      if (asked.find<Column>(column->id) != nullptr) continue;
      Column typed;
      typed.id = column->id;
      typed.type = column->type;
      typed.position = column->position;
      typed.where = column->where;
      base.add(std::move(typed));
    }
  }
  for (const auto& [id, sequence] : all.all<Sequence>()) {
    Sequence bare = sequence;
    bare.aspects = {};
    bare.owned_by.reset();
    base.add(std::move(bare));
  }
  return base;
}

// Asked objects lose what has nothing to do with their spelling: roles are not there, NOT NULL is
// not asked.
Schema stripped(Schema asked) {
  for_each_kind([&]<class K>() {
    for (auto& [id, object] : asked.all<K>()) object.aspects = {};
  });
  return asked;
}

void take_answers(Schema& schema, const Schema& asked, const Schema& answers) {
  for_each_kind([&]<class K>() {
    for (const auto& [id, question] : asked.all<K>()) {
      const auto found = schema.all<K>().find(id);
      const K* answer = answers.find<K>(id);
      if (found == schema.all<K>().end() || answer == nullptr) continue;
      each_sql(found->second, answer, [](SqlText& text, const SqlText* spelled) {
        if (spelled != nullptr) text.canon = spelled->canon;
      });
      found->second.uses = answer->uses;
      if constexpr (requires { found->second.columns = answer->columns; }) {
        if (found->second.columns.empty()) found->second.columns = answer->columns;
      }
    }
  });
}

// Casts in expressions name an enum, and no column's uses say so.
template <class K>
bool names_enum(const K& object, const Rename& rename) {
  const std::string name = quote_ident(rename.from.schema) + "." + quote_ident(rename.from.name);
  bool names = false;
  if (rename.from.kind == "enum")
    each_sql(object, static_cast<const K*>(nullptr), [&](const SqlText& text, const SqlText*) {
      names = names || text.spelling().str().find(name) != std::string::npos;
    });
  return names;
}

// Expressions of renamed tables, columns and enums: PostgreSQL spells them with the new names. The
// old schema is built with the old names, renamed there, and read back. Returns what was spelled
// anew.
std::set<ObjectId> respell_renamed(Schema& live, const Normalising& by,
                                   std::vector<Mistake>& mistakes) {
  std::set<ObjectId> respelled;
  if (by.renames.empty()) return respelled;
  Schema asked;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : by.live_before.all<K>()) {
      const bool touched =
          std::any_of(object.uses.begin(), object.uses.end(), [&](const ObjectId& used) {
            ObjectId after = used;
            for (const Rename& rename : by.renames) follow(after, rename);
            return after != used;
          });
      const bool cast =
          std::any_of(by.renames.begin(), by.renames.end(),
                      [&](const Rename& rename) { return names_enum(object, rename); });
      if (touched || cast) asked.add(object);
    }
  });
  if (nothing_in(asked)) return respelled;
  const Schema answers = by.shadow.ask(ground_for(asked, by.live_before), stripped(asked),
                                       by.renames, by.target, mistakes);
  for_each_kind([&]<class K>() {
    for (const auto& [id, before] : asked.all<K>()) {
      ObjectId after = id;
      for (const Rename& rename : by.renames) follow(after, rename);
      const auto found = live.all<K>().find(after);
      const K* answer = answers.find<K>(after);
      if (found == live.all<K>().end() || answer == nullptr) continue;
      each_sql(found->second, answer, [](SqlText& text, const SqlText* spelled) {
        if (spelled != nullptr) text = *spelled;
      });
      respelled.insert(after);
    }
  });
  return respelled;
}

// Deparsing is not a fixed point (varchar IN (…), seen): where the model's spelling differs from
// the live text it may still be what the live text is spelled as when it is read once more.
void accept_second_spelling(Schema& wanted, const Schema& live, const Schema& asked,
                            const Normalising& by, std::vector<Mistake>& mistakes) {
  Schema differing_live;
  for_each_kind([&]<class K>() {
    for (const auto& [id, question] : asked.all<K>()) {
      const K* now = live.find<K>(id);
      const K* then = wanted.find<K>(id);
      if (now != nullptr && then != nullptr && !same_attributes(*now, *then))
        differing_live.add(*now);
    }
  });
  if (nothing_in(differing_live)) return;
  const Schema again = by.shadow.ask(ground_for(differing_live, live), stripped(differing_live), {},
                                     by.target, mistakes);
  for_each_kind([&]<class K>() {
    for (const auto& [id, now] : differing_live.all<K>()) {
      const K* second = again.find<K>(id);
      auto& then = wanted.all<K>().at(id);
      if (second == nullptr) continue;
      std::vector<std::string> respelled;
      each_sql(*second, static_cast<const K*>(nullptr),
               [&](const SqlText& text, const SqlText*) { respelled.push_back(text.canon); });
      std::size_t i = 0;
      each_sql(then, &now, [&](SqlText& text, const SqlText* known) {
        if (known != nullptr && i < respelled.size() && text.canon == respelled[i])
          text.canon = known->canon;
        ++i;
      });
    }
  });
}

// Live text that was read once more than the models' (spelled anew for a rename, or restored from a
// dump) may differ from it for the same reason: where the models' spelling, read once more, is the
// live one, they are the same. What was spelled anew takes the models' spelling, which is the one
// that the server prints after the rename; elsewhere the models take the live one.
void accept_read_again(Schema& wanted, Schema& live, const std::set<ObjectId>& asked,
                       const std::set<ObjectId>& respelled, const Normalising& by,
                       std::vector<Mistake>& mistakes) {
  Schema once;
  for_each_kind([&]<class K>() {
    for (const ObjectId& id : asked) {
      const K* now = live.find<K>(id);
      const K* then = wanted.find<K>(id);
      if (now == nullptr || then == nullptr || same_attributes(*now, *then)) continue;
      K spelled = *then;
      each_sql(spelled, static_cast<const K*>(nullptr), [](SqlText& text, const SqlText*) {
        if (text.asked()) text = {text.canon, "", ""};
      });
      once.add(std::move(spelled));
    }
  });
  if (nothing_in(once)) return;
  const Schema twice =
      by.shadow.ask(ground_for(once, wanted), stripped(once), {}, by.target, mistakes);
  for_each_kind([&]<class K>() {
    for (const auto& [id, then] : twice.all<K>()) {
      const auto now = live.all<K>().find(id);
      const auto models = wanted.all<K>().find(id);
      if (now == live.all<K>().end() || models == wanted.all<K>().end() || !once.has(id)) continue;
      std::vector<std::string> second;
      each_sql(then, static_cast<const K*>(nullptr),
               [&](const SqlText& text, const SqlText*) { second.push_back(text.canon); });
      std::size_t i = 0;
      const auto take = [&](SqlText& to, const SqlText* from, const Symbol& read) {
        if (from != nullptr && i < second.size() && read == second[i]) to.canon = from->canon;
        ++i;
      };
      if (respelled.contains(id))
        each_sql(now->second, &models->second,
                 [&](SqlText& text, const SqlText* of) { take(text, of, text.canon); });
      else
        each_sql(models->second, &now->second, [&](SqlText& text, const SqlText* of) {
          take(text, of, of == nullptr ? Symbol() : of->canon);
        });
    }
  });
}

}  // namespace

void normalise(Schema& wanted, Schema& live, const Normalising& by) {
  std::vector<Mistake> mistakes;
  const std::set<ObjectId> respelled = respell_renamed(live, by, mistakes);
  mistakes.clear();  // what the database holds is no mistake of the models
  if (take_known_spellings(wanted, live)) return;
  if (adopt_names(wanted, live)) take_known_spellings(wanted, live);
  const Schema asked = questions(wanted, live);
  if (nothing_in(asked)) return;
  const Schema answers =
      by.shadow.ask(ground_for(asked, wanted), stripped(asked), {}, by.target, mistakes);
  if (!mistakes.empty()) throw MistakesError(std::move(mistakes), 0);
  take_answers(wanted, asked, answers);
  std::vector<Mistake> ignored;
  accept_second_spelling(wanted, live, asked, by, ignored);
  // A database that was restored from a dump was read once more as well.
  std::set<ObjectId> read_again = respelled;
  for_each_kind([&]<class K>() {
    for (const auto& [id, question] : asked.all<K>()) read_again.insert(id);
  });
  accept_read_again(wanted, live, read_again, respelled, by, ignored);
  adopt_names(wanted, live);
}

}  // namespace schemasync
