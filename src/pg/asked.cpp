#include "pg/asked.hpp"

#include <algorithm>
#include <utility>

namespace schemasync {

Asked::Asked(std::vector<Connection*> connections, std::vector<Sql> queries)
    : connections_(std::move(connections)),
      queries_(std::move(queries)),
      promised_(queries_.size()) {
  for (std::promise<Rows>& answer : promised_) answers_.push_back(answer.get_future());
  for (Connection* db : connections_) threads_.emplace_back([this, db] { ask(*db); });
}

// Behind a query that failed the transaction is lost: the others are not asked.
void Asked::ask(Connection& db) {
  for (std::size_t i = begun_++; i < queries_.size(); i = begun_++) try {
      promised_[i].set_value(db.query(queries_[i]));
    } catch (...) {
      promised_[i].set_exception(std::current_exception());
      begun_ = queries_.size();
    }
}

Asked::~Asked() {
  begun_ = queries_.size();
  if (taken_ < answers_.size())
    for (Connection* db : connections_) db->cancel();
  wait();
}

Rows Asked::next() { return answers_.at(taken_++).get(); }

void Asked::wait() {
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace schemasync
