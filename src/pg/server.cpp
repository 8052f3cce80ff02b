#include "pg/server.hpp"

#include "pg/cluster.hpp"
#include "pg/server_body.hpp"

namespace schemasync {

ServerUse::ServerUse() = default;
ServerUse::ServerUse(std::unique_ptr<Body> body) : body_(std::move(body)) {}
ServerUse::ServerUse(ServerUse&&) noexcept = default;
ServerUse& ServerUse::operator=(ServerUse&&) noexcept = default;
ServerUse::~ServerUse() = default;

const std::string& ServerUse::url() const { return body_->url; }

std::string ServerUse::url_for(const std::string& database) const {
  return socket_url(body_->socket, database);
}

}  // namespace schemasync
