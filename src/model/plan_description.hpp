// What each struct of a plan is called where it is written: described once, for both directions.
// `Io` gets a key and a member at a time; rare() for what is left out when it says nothing.
// Io::Ref<T> is a T& when it reads and a const T& when it writes.
#pragma once

#include "model/plan.hpp"

namespace schemasync {

// ---- body -------------------------------------------------------------------------------------

template <class Io>
void describe(Io& io, typename Io::template Ref<Source> source) {
  io("file", source.file);
  io("line", source.line);
  io("column", source.column);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Lock> lock) {
  io("relation", lock.relation);
  io("mode", lock.mode);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Archive> archive) {
  io("form", archive.form);
  io("object", archive.object);
  io("definition", archive.definition);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Filling> filling) {
  io("kept", filling.kept);
  io("before", filling.before);
  io("after", filling.after);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Step> step) {
  io("sql", step.sql);
  io("work", step.work);
  io("segment", step.segment);
  io("locks", step.locks);
  io("rewrites", step.rewrites);
  io.rare("search_path", step.search_path);
  io.rare("filling", step.filling);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Repair> repair) {
  io("title", repair.title);
  io("sql", repair.sql);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Check> check) {
  io("name", check.name);
  io("passed", check.passed);
  io("failed", check.failed);
  io("count", check.count);
  io("stops", check.stops);
  io.rare("sample", check.sample);
  io.rare("search_path", check.search_path);
  io.rare("repairs", check.repairs);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Risk> risk) {
  io("base", risk.base);
  io("structural", risk.level);
  io("reasons", risk.reasons);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<CodeName> name) {
  io("name", name.name);
  io.rare("also", name.also);
  io.rare("names_classes", name.names_classes);
  io.rare("beside", name.beside);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Change> change) {
  io("rule", change.rule);
  io("object", change.object);
  io.rare("part", change.part);
  io("summary", change.summary);
  io("risk", change.risk);
  io.rare("where", change.where);
  io("strategy", change.strategy);
  io("backup", change.backup);
  io("blocks", change.blocks);
  io("breaking", change.breaking);
  io("reversible", change.undo.kind);
  io("undo", change.undo.text);
  io("diff", change.diff);
  io("notes", change.notes);
  io("checks", change.checks);
  io("up", change.up);
  io("down", change.down);
  io("down_checks", change.down_checks);
  io.rare("archive", change.archive);
  io.rare("kept", change.kept);
  io.rare("restores", change.restores);
  io.rare("unmanaged", change.unmanaged);
  io.rare("code_names", change.code_names);
  io.rare("creates", change.creates);
  io.rare("drops", change.drops);
  io.rare("needs", change.needs);
  io.rare("releases", change.releases);
  io.rare("phase", change.phase, 1);
  io.rare("own_segment_before", change.own_segment_before);
  io.rare("tables", change.tables);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Scope> scope) {
  io("schemas", scope.schemas);
  io("include", scope.include);
  io("ignore", scope.ignore);
  io("manage", scope.manage);
  io("unmanaged", scope.unmanaged);
  io("stated", scope.stated);
  io("states_public", scope.states_public);
}

// All of the body but its changes and the definitions.
template <class Io>
void describe(Io& io, typename Io::template Ref<Plan> plan) {
  io("format", plan.format);
  io("tool_version", plan.tool_version);
  io("server_major", plan.server_major);
  io("models_hash", plan.models_hash);
  io("after", plan.after);
  io("scope", plan.scope);
  io("managed", plan.managed);
  io("notes", plan.notes);
  io("unmanaged", plan.unmanaged);
  io("mostly_unmanaged", plan.mostly_unmanaged);
  io("slug", plan.slug);
}

// ---- run -------------------------------------------------------------------------------------

template <class Io>
void describe(Io& io, typename Io::template Ref<TableFacts> facts) {
  io("rows", facts.rows);
  io("rows_estimated", facts.rows_estimated);
  io("bytes", facts.bytes);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<Sample> sample) {
  io("headings", sample.headings);
  io("rows", sample.rows);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<CheckResult> result) {
  io("status", result.status);
  io("text", result.text);
  io("counts", result.counts);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<CodePlace> place) {
  io("file", place.file);
  io("line", place.line);
  io("text", place.text);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<CodeUse> use) {
  io("name", use.name);
  io("count", use.count);
  io("places", use.places);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<CodeSearch> search) {
  io("folders", search.folders);
  io("files", search.files);
  io.rare("notes", search.notes);
}

template <class Io>
void describe(Io& io, typename Io::template Ref<PlanRun> run) {
  io.rare("time", run.time);
  io.rare("env", run.env);
  io.rare("target", run.target);
  io("protected", run.protected_target);
  io("allow", run.allow);
  io.rare("server_version", run.server_version);
  io.rare("models", run.models);
  io("model_tables", run.model_tables);
  io.rare("code", run.code);
}

}  // namespace schemasync
