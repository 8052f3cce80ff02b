#include "cli/commands.hpp"

int main(int argc, char** argv) { return schemasync::run_command_line(argc, argv); }
