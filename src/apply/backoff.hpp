// Waits between attempts that grow and vary, so that two who collide do not collide again.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace schemasync {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : next_(first), longest_(longest) {}

  // The next wait: twice the one before, a quarter shorter to a quarter longer.
  std::chrono::milliseconds next() {
    const auto base = next_.count();
    next_ = std::min(next_ * 2, longest_);
    std::uniform_int_distribution<std::chrono::milliseconds::rep> around(base - base / 4,
                                                                         base + base / 4);
    return std::chrono::milliseconds(around(dice_));
  }

 private:
  std::chrono::milliseconds next_;
  std::chrono::milliseconds longest_;
  std::minstd_rand dice_{std::random_device{}()};
};

}  // namespace schemasync
