#include "cli/progress.hpp"

#include <csignal>
#include <iostream>

#include "cli/console.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds patience{1000};
constexpr milliseconds tick{250};
constexpr std::size_t width = 78;

// Signals are for the thread that works: it cancels the statement, and the journal says where.
std::thread without_signals(auto work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

ProgressLine::ProgressLine(const Options& options)
    : quiet_(options.quiet), began_(steady_clock::now()) {
  if (!quiet_ && is_terminal(false)) thread_ = without_signals([this] { keep_going(); });
}

ProgressLine::~ProgressLine() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard guard(mutex_);
    over_ = true;
    erase();
  }
  wake_.notify_one();
  thread_.join();
}

void ProgressLine::keep_going() {
  std::unique_lock guard(mutex_);
  while (!over_) {
    wake_.wait_for(guard, tick);
    if (!over_ && !work_.empty() && steady_clock::now() - began_ > patience) draw();
  }
}

void ProgressLine::draw() {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - began_).count();
  std::cerr << "\r\x1b[K" << clipped(work_, width) << "  " << seconds << " s" << std::flush;
  drawn_ = true;
}

void ProgressLine::erase() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

void ProgressLine::at(const std::string& work) {
  const std::lock_guard guard(mutex_);
  work_ = work;
}

void ProgressLine::show(const Progress& progress) {
  if (progress.kind == Progress::Kind::waiting) {
    clear();
    if (!quiet_) std::cerr << progress.text << '\n';
    return;
  }
  if (progress.kind != Progress::Kind::begun) return;
  at("step " + std::to_string(progress.number) + " of " + std::to_string(progress.total) + "  " +
     progress.text);
}

void ProgressLine::clear() {
  const std::lock_guard guard(mutex_);
  work_.clear();
  erase();
}

}  // namespace schemasync
