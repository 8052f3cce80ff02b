// The progress of apply and rollback on stderr: one line that is written over on a terminal,
// nothing where stderr is a file.
#pragma once

#include "apply/run.hpp"
#include "cli/options.hpp"

namespace schemasync {

class ProgressLine {
 public:
  explicit ProgressLine(const Options& options);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress);
  void clear();

 private:
  bool shown_ = false;
  bool wanted_;
  bool quiet_;
};

}  // namespace schemasync
