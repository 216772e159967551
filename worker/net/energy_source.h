#ifndef PHOTINUS_WORKER_NET_ENERGY_SOURCE_H_
#define PHOTINUS_WORKER_NET_ENERGY_SOURCE_H_

#include <string>

namespace photinus::net {

// Makes of what a person named to predict energy by what can be used from any folder: a simulated device stays what it
// is, also where a file has its name; a model file, which is read to see that it is one, becomes absolute. Returns what
// is wrong with it; empty: nothing.
std::string ResolveEnergySource(std::string& source);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_ENERGY_SOURCE_H_
