#ifndef PHOTINUS_WORKER_BASE_SUBPROCESS_H_
#define PHOTINUS_WORKER_BASE_SUBPROCESS_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "worker/base/result.h"

namespace photinus {

// Programs are found on PATH unless their name has a slash, and never run through a shell. Thread-safe. NotFound: no
// such program. Unavailable: it could not start, ended with a status other than 0 or by a signal.

// Runs a program with no input and waits for it. Returns what it wrote to stdout and stderr; an error holds its last
// words.
Result<std::string> ProgramOutput(const std::vector<std::string>& arguments);

// Runs a program that shares this one's stdin, stdout and stderr, and waits for it.
Result<void> RunProgram(const std::vector<std::string>& arguments);

// Path of the program that lies beside the running one; programs are built and installed together.
std::filesystem::path ProgramBesideThisOne(std::string_view name);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_SUBPROCESS_H_
