#include "pg/server.hpp"

#include "cli/commands.hpp"
#include "cli/console.hpp"

namespace schemasync {

ExitCode run_server(const Options& options) {
  const Place place = open_place(options);
  if (!place.env.embedded)
    throw Error("env " + place.env.name + " has no server of its own",
                "only an env with `embedded = true` has one");
  const std::filesystem::path& project = place.config.folder;
  const std::string& env = place.env.name;
  if (options.server_action == "start") {
    print(start_embedded_server(project, env, embedded_database));
    return ExitCode::ok;
  }
  if (options.server_action == "stop") {
    print(stop_embedded_server(project, env) ? "stopped" : "it did not run");
    return ExitCode::ok;
  }
  const std::optional<std::string> url = running_embedded_server(project, env, embedded_database);
  if (!url) throw Error("the server of env " + env + " does not run", "schemasync server start");
  print(*url);
  return ExitCode::ok;
}

}  // namespace schemasync
