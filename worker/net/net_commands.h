#ifndef PHOTINUS_WORKER_NET_NET_COMMANDS_H_
#define PHOTINUS_WORKER_NET_NET_COMMANDS_H_

namespace CLI {
class App;
}

namespace photinus::net {

// Adds the verbs of `photinus-worker net`: sample, profile, statistics, export, run, and those of AddEnergyCommands.
// They run while `app` parses. A verb that fails prints its reason on stderr and throws CLI::RuntimeError with the exit
// code of docs/cli.md (2 usage or bad content, 3 not found, 4 unavailable, 1 other), so that
//   try { app.parse(argc, argv); } catch (const CLI::ParseError& error) { return app.exit(error); }
// does what it should. After a parse without error, a subcommand among app.get_subcommands() says that all is done.
void AddNetCommands(CLI::App& app);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_NET_COMMANDS_H_
