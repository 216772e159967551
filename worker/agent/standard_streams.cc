#include "worker/agent/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

namespace photinus {

void OpenMissingStandardStreams() {
  int fd;
  do {
    fd = open("/dev/null", O_RDWR);  // takes the lowest number that is free
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) close(fd);
}

}  // namespace photinus
