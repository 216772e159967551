// One name for one database file.
#ifndef PHOTINUS_SERVER_STORAGE_REAL_PATH_H_
#define PHOTINUS_SERVER_STORAGE_REAL_PATH_H_

#include <string>

namespace photinus {

// The absolute path of what a path names, through links, so that whoever comes by a link meets the same lock, log and
// marks beside the file.
std::string RealPath(const std::string& path);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_REAL_PATH_H_
