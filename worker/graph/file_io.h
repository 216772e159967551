#ifndef PHOTINUS_WORKER_GRAPH_FILE_IO_H_
#define PHOTINUS_WORKER_GRAPH_FILE_IO_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worker/graph/result.h"

namespace photinus {

// The bytes of a whole file. NotFound if there is none, InvalidArgument for a folder or a file of more than `max_size`
// bytes, Unavailable when reading fails; the message names the path.
Result<std::vector<std::uint8_t>> ReadFile(const std::string& path, std::int64_t max_size = std::int64_t{1} << 30);
Result<std::string> ReadTextFile(const std::string& path, std::int64_t max_size = std::int64_t{1} << 26);

// Writes a file whole or not at all: beside it first, then renamed over `path`. NotFound if its folder does not exist,
// Unavailable when it cannot be written (disk full, no permission).
Result<void> WriteFile(const std::string& path, std::span<const std::uint8_t> bytes);
Result<void> WriteTextFile(const std::string& path, std::string_view text);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_GRAPH_FILE_IO_H_
