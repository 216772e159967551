#ifndef PHOTINUS_WORKER_DATA_TEXT_LINES_H_
#define PHOTINUS_WORKER_DATA_TEXT_LINES_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "worker/base/result.h"

namespace photinus::data {

// One line of a text file, without its end, and where it stands: "FILE:7".
struct TextLine {
  std::string text;
  std::string place;
};

// The lines of a file that are neither empty nor comments (#). Errors as ReadFile.
Result<std::vector<TextLine>> ReadLines(const std::filesystem::path& path);

// The fields of a line of comma-separated values, spaces around them removed. Quoted fields may have commas, and quotes
// twice. InvalidArgument, beginning with the line's place: a quote that does not end, or text after it.
Result<std::vector<std::string>> CsvFields(const TextLine& line);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_TEXT_LINES_H_
