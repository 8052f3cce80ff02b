#include "cli/progress.hpp"

#include <iostream>

#include "cli/console.hpp"
#include "text/strings.hpp"

namespace schemasync {

ProgressLine::ProgressLine(const Options& options)
    : wanted_(!options.quiet && is_terminal(false)), quiet_(options.quiet) {}

void ProgressLine::show(const Progress& progress) {
  if (progress.kind == Progress::Kind::waiting) {
    clear();
    if (!quiet_) std::cerr << progress.text << '\n';
    return;
  }
  if (!wanted_ || progress.kind != Progress::Kind::begun) return;
  const std::string line = "step " + std::to_string(progress.number) + " of " +
                           std::to_string(progress.total) + "  " + progress.text;
  std::cerr << "\r\x1b[K" << clipped(line, 100) << std::flush;
  shown_ = true;
}

void ProgressLine::clear() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace schemasync
