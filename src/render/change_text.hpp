// One change in the plan's text, in full or in two lines. text.cpp decides which and in what order.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/plan.hpp"
#include "render/page.hpp"
#include "render/text.hpp"

namespace schemasync {

// What every rendering says in the same words.
namespace phrases {

// "schemas/debitcard.toml:4"; without a line, the file alone.
std::string place(const Source& where);
std::string without_stop(std::string text);
// A sentence, but a name that opens it keeps its spelling.
std::string sentence_on(const Change& change, const std::string& text);
// What the plan itself makes, as locks name it: nobody waits for these.
std::set<std::string> made_relations(const Plan& plan);
// "ACCESS EXCLUSIVE on debitcard; SHARE on user": the strongest of each relation, strongest first.
std::string lock_list(const std::vector<Step>& steps, const std::set<std::string>& made);
// "one transaction, reads the table once, rewrites debitcard"
std::string work_list(const std::vector<Step>& steps);
std::string undo_text(const Undo& undo);
std::string kept_text(const std::optional<Archive>& archive);
// "app/models.py:91"
std::string code_place(const CodePlace& one);
// "3 places in the code still name it"
std::string still_names(const Plan& plan, std::size_t index, const CodeUse& use);
// "no file of app names it"; "" where something does, or nothing was searched.
std::string nowhere_named(const Plan& plan, std::size_t index);

}  // namespace phrases

class ChangeText {
 public:
  ChangeText(const Plan& plan, const TextOptions& options, Page& page);

  void full(std::size_t index);
  void compact(std::size_t index);
  // Its heading and what differs, as `diff` shows it.
  void difference(std::size_t index);
  // Fit for compact(): nothing about it asks for attention.
  bool is_plain(std::size_t index) const;

 private:
  void heading(std::size_t index);
  void labelled(std::string_view label, std::string_view text);
  void why(std::size_t index);
  void checks(std::size_t index);
  void check(const Check& check, const CheckResult& result, bool first);
  void code(std::size_t index, bool& first);
  void locks(const Change& change);
  void repairs(std::size_t index);
  void diff_lines(const Change& change);
  bool takes_locks(const Change& change) const;  // on what was there before the plan
  std::string sizes(const Change& change) const;
  const CheckResult* result(std::size_t index, std::size_t check) const;

  const Plan& plan_;
  const TextOptions& options_;
  Page& page_;
  std::size_t number_width_;
  std::set<std::string> made_;
  std::set<ObjectId>
      bodies_shown_;  // a body is drawn once, also when drop and create are two changes
};

}  // namespace schemasync
