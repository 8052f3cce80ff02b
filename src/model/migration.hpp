// A plan on its way into the journal: the order in which its steps run, the name it is recorded
// under, and the texts that the journal keeps of it. The executor (apply/) and the psql file
// (render/sql) both number steps here, so that either can undo what the other one ran.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/plan.hpp"

namespace schemasync {

enum class Direction { up, down };
std::string_view to_text(Direction direction);

// The file of a backup, as the journal names it (relative to the config file), and its size.
struct BackupRecord {
  std::string file;
  std::int64_t bytes = 0;
};

// One step in running order. Numbers are 1-based; `step` points into the plan.
struct NumberedStep {
  int ordinal = 0;  // over all steps of the direction; what the journal knows a step by
  int change = 0;
  int segment = 0;
  const Step* step = nullptr;
};

// A rename inside of an object (an enum's label), which others have in their text. Each way writes
// that text as it ends, so that the names are those of its end before it writes any.
bool goes_first_both_ways(const Change& change);

// All steps of a direction: by segment, within it by change (downwards: the last change first, but
// for what goes first both ways).
std::vector<NumberedStep> steps_in_order(const Plan& plan, Direction direction);
std::vector<NumberedStep> steps_in_order(Plan&& plan, Direction direction) = delete;

// Cut where the segment changes; each part is one transaction.
std::vector<std::vector<NumberedStep>> cut_into_segments(const std::vector<NumberedStep>& steps);

// "Drop Debit-Card limit!" -> "drop_debit_card_limit": lower-case ASCII letters, digits, single
// "_".
std::string slugified(std::string_view text);

// (7, "drop_debitcard_daily_limit") -> "0007_drop_debitcard_daily_limit", at most 63 bytes.
std::string migration_id(int number, std::string_view slug);

// The riskiest change, and how many more there are.
std::string migration_summary(const Plan& plan);

// The plan as the journal keeps it: without sample rows (they may be personal data). Both come of
// one body, which is most of the work for a large plan.
struct PlanForJournal {
  std::string id;
  std::string document;
};
PlanForJournal plan_for_journal(const Plan& plan);
// The plan that stands for the state before the first migration: the scope, and no changes.
Plan baseline_plan(const Plan& plan);

// What definitions were before, for those objects that differ; nullopt: there was none.
using Before = std::map<ObjectId, std::optional<std::string>>;
Before before_of(const Definitions& before, const Definitions& after);
// The same from a plan alone, for who cannot read the catalog.
Before before_of(const Plan& plan);
// `definitions` with every object of `before` as it was.
Definitions taken_back(Definitions definitions, const Before& before);

// {"table public.user": "<definition>", …}; null where there was none.
std::string to_json(const Definitions& definitions);
std::string to_json(const Before& before);
std::string to_json(const std::vector<ObjectId>& ids);
Definitions definitions_from_json(std::string_view text);
Before before_from_json(std::string_view text);

}  // namespace schemasync
