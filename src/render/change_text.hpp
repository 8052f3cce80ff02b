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
  std::set<std::string> made_;  // relations that the plan itself makes: nobody waits for these
  std::set<ObjectId>
      bodies_shown_;  // a body is drawn once, also when drop and create are two changes
};

}  // namespace schemasync
