#include "apply/interrupt.hpp"

#include <ctime>

#include "text/error.hpp"

namespace schemasync {

InterruptWatch::InterruptWatch(Connection& db) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
  thread_ = std::thread([this, &db, signals] { watch(db, signals); });
}

InterruptWatch::~InterruptWatch() {
  done_ = true;
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void InterruptWatch::stop_if_interrupted() const {
  if (interrupted_) throw Error("stopped by a signal");
}

void InterruptWatch::watch(Connection& db, const sigset_t& signals) {
  constexpr timespec tick{0, 20'000'000};
  while (!done_) {
    if (sigtimedwait(&signals, nullptr, &tick) <= 0) continue;
    interrupted_ = true;
    try {
      db.cancel();
    } catch (const std::exception&) {
      // Nothing to cancel any more: the flag alone stops what comes next.
    }
  }
}

}  // namespace schemasync
