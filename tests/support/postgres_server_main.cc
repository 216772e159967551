// A PostgreSQL server for tests that are not written in C++: prints the URL of an empty database, and runs until its
// standard input ends. Lines of it are commands, each answered with a line once it is done: at "crash" the server is
// killed and started again, at "freeze" it falls silent for ever. Exit status 77: postgresql-15 is not installed.
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "tests/support/postgres_server.h"

int main() {
  if (!photinus::PostgresServer::IsInstalled()) {
    std::fprintf(stderr, "install postgresql-15 first\n");
    return 77;
  }
  try {
    photinus::PostgresServer server;
    std::printf("%s\n", server.MakeDatabase().c_str());
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
      if (line == "freeze") {
        server.Freeze();
      } else {
        server.Crash();
        server.Start();
      }
      std::printf("%s done\n", line.c_str());
      std::fflush(stdout);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
