// What a command is at, on stderr: one line that is written over, shown once the command has taken
// longer than a second, and only on a terminal. A thread keeps its clock going while the server
// works. What has to be said in any case (who holds a lock that is waited for) is said at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "apply/run.hpp"
#include "cli/options.hpp"

namespace schemasync {

class ProgressLine {
 public:
  explicit ProgressLine(const Options& options);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void at(const std::string& work);     // "reading the catalog"
  void show(const Progress& progress);  // a step of apply or rollback
  void clear();                         // before anything else is printed

 private:
  void keep_going();
  void draw();
  void erase();

  const bool quiet_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string work_;  // "" = nothing to show
  std::chrono::steady_clock::time_point began_;
  bool drawn_ = false;
  bool over_ = false;
  std::thread thread_;  // none where stderr is no terminal
};

}  // namespace schemasync
