#ifndef PHOTINUS_WORKER_NET_WORKER_OPTIONS_H_
#define PHOTINUS_WORKER_NET_WORKER_OPTIONS_H_

#include <string>
#include <vector>

namespace photinus::net {

// Makes of what a person named to predict energy by what can be used from any folder: a simulated device stays what it
// is, also where a file has its name; a model file, which is read to see that it is one, becomes absolute. Returns what
// is wrong with it; empty: nothing.
std::string ResolveEnergySource(std::string& source);

// Makes of the words of `command` (at spaces; there is no shell) the power monitor's program, by its absolute path
// unless it is to be looked for in PATH, and its arguments. Returns what is wrong with it; empty: nothing, as with an
// empty command. source: as ResolveEnergySource left it; only a model that was fitted to a monitor's measurements needs
// one.
std::string ResolveMonitor(const std::string& source, const std::string& command, std::vector<std::string>& argv);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_WORKER_OPTIONS_H_
