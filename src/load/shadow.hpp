// The scratch database on which PostgreSQL is asked how it spells what the models say. Started only
// when something has to be asked; model SQL runs there as a role without SUPERUSER.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kinds/schema_of.hpp"
#include "pg/connection.hpp"
#include "pg/server.hpp"

namespace schemasync {

class ShadowServer {
 public:
  // `server_url`: where scratch databases are made; asked once, when the first is needed.
  explicit ShadowServer(std::function<std::string()> server_url)
      : server_url_(std::move(server_url)) {}

  // A fresh scratch database.
  std::unique_ptr<ScratchDatabase> scratch();

  // Builds the tables of `base` with the types of their columns alone, then each object of `asked`
  // by its own statements; reads back what PostgreSQL made of them. What fails becomes a mistake
  // with its place in the models. `target`: extensions, domains and functions that are not modelled
  // are taken from it.
  Schema ask(const Schema& base, const Schema& asked, const std::vector<Rename>& renames,
             Connection* target, std::vector<Mistake>& mistakes);

  int times_asked() const { return times_asked_; }

 private:
  std::function<std::string()> server_url_;
  std::string url_;
  int times_asked_ = 0;
};

}  // namespace schemasync
