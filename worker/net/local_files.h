#ifndef PHOTINUS_WORKER_NET_LOCAL_FILES_H_
#define PHOTINUS_WORKER_NET_LOCAL_FILES_H_

#include <string>

#include "worker/base/result.h"

namespace photinus::net {

// What is wrong with the paths of a command line, said before the work begins and as a fault of usage, with the path
// and the system's reason. NotFound: there is no such file. InvalidArgument: it is a folder, or must not be read.
Result<void> CheckReadable(const std::string& path);

// The same of what is a network's name or its file: a path where there is nothing may be a name.
Result<void> CheckNetwork(const std::string& net);

// InvalidArgument: WriteFile could not write it, as it is a folder, or its folder is missing or must not be changed.
Result<void> CheckWritable(const std::string& path);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_LOCAL_FILES_H_
