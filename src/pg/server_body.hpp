// What a ServerUse holds: one of two kinds of server, each ended by its own destructor.
#pragma once

#include <filesystem>
#include <string>

#include "pg/server.hpp"

namespace schemasync {

struct ServerUse::Body {
  Body() = default;
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  virtual ~Body() = default;
  std::filesystem::path socket;
  std::string url;
};

}  // namespace schemasync
