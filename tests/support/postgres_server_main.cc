// A PostgreSQL server for tests that are not written in C++: prints the URL of an empty database, and runs until its
// standard input ends; at each line of it the server crashes, and "recovered" is printed once it is back. Exit status
// 77: postgresql-15 is not installed.
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
      server.Crash();
      server.Start();
      std::printf("recovered\n");
      std::fflush(stdout);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
