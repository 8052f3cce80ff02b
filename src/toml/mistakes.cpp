#include "toml/mistakes.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace schemasync {

void Mistakes::add(Source where, int length, std::string what, std::string hint) {
  all_.push_back({std::move(where), length, std::move(what), std::move(hint)});
}

void Mistakes::add(const EntryKey& key, std::string what, std::string hint) {
  add(key.where, key.length, std::move(what), std::move(hint));
}

void Mistakes::add(const Node& node, std::string what, std::string hint) {
  add(node.where, node.length, std::move(what), std::move(hint));
}

void Mistakes::take(Mistakes&& other) {
  all_.insert(all_.end(), std::make_move_iterator(other.all_.begin()),
              std::make_move_iterator(other.all_.end()));
  files_read_ += other.files_read_;
}

std::vector<Mistake> Mistakes::sorted() const {
  const auto place = [](const Mistake& m) { return std::tie(m.where, m.what); };
  std::vector<Mistake> all = all_;
  std::stable_sort(all.begin(), all.end(),
                   [&](const Mistake& a, const Mistake& b) { return place(a) < place(b); });
  const auto same = [&](const Mistake& a, const Mistake& b) { return place(a) == place(b); };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

void Mistakes::throw_if_any() const {
  if (!empty()) throw MistakesError(sorted(), files_read_);
}

}  // namespace schemasync
