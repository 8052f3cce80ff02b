#include "pg/asked.hpp"

namespace schemasync {
namespace {

// Behind a query that failed the transaction is lost: the others are not asked.
void ask(Connection& db, const std::vector<Sql>& queries, std::vector<std::promise<Rows>> answers) {
  for (std::size_t i = 0; i < queries.size(); ++i) try {
      answers[i].set_value(db.query(queries[i]));
    } catch (...) {
      answers[i].set_exception(std::current_exception());
      return;
    }
}

}  // namespace

Asked::Asked(Connection& db, std::vector<Sql> queries) : db_(db) {
  std::vector<std::promise<Rows>> answers(queries.size());
  for (std::promise<Rows>& answer : answers) answers_.push_back(answer.get_future());
  thread_ =
      std::thread([&db, queries = std::move(queries), answers = std::move(answers)]() mutable {
        ask(db, queries, std::move(answers));
      });
}

Asked::~Asked() {
  if (!thread_.joinable()) return;
  if (taken_ < answers_.size()) db_.cancel();
  thread_.join();
}

Rows Asked::next() { return answers_.at(taken_++).get(); }

void Asked::wait() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace schemasync
