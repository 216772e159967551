// E: what gRPC itself allows, on the stack that our server uses.
#ifndef PHOTINUS_TESTS_BENCHMARKS_ECHO_SERVER_H_
#define PHOTINUS_TESTS_BENCHMARKS_ECHO_SERVER_H_

namespace photinus {

// Serves GetTrial with one answer of about 300 bytes, made without any work, on a free port of the loopback interface;
// prints "listening on HOST:PORT" and runs until its standard input ends. For a process of its own.
int RunEchoServer();

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_ECHO_SERVER_H_
