#include "tests/benchmarks/search/kept_runs.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "tests/benchmarks/search/rival_searcher.h"
#include "tests/benchmarks/search/search_run.h"

namespace photinus {
namespace {

using Json = nlohmann::json;
using Runs = std::map<RunKey, Json>;

constexpr int kRegretDigits = 6, kSecondsDigits = 3;

double Rounded(double value, int digits) {
  return std::strtod(absl::StrFormat("%.*g", digits, value).c_str(), nullptr);
}

Json Compact(Json line) {
  for (Json& step : line["regret"]) step[1] = Rounded(step[1], kRegretDigits);
  for (Json& seconds : line["seconds"]) seconds = Rounded(seconds, kSecondsDigits);
  line["cpu_seconds"] = Rounded(line["cpu_seconds"], kSecondsDigits);
  line["peak_memory_mb"] = Rounded(line["peak_memory_mb"], kSecondsDigits);
  if (line.contains("latency")) {  // medians over windows of trials
    for (Json& window : line["latency"]) window[1] = Rounded(window[1], kSecondsDigits);
  }
  return line;
}

Runs RivalRunsOf(const std::string& path) {
  Runs runs;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    const std::optional<RunKey> key = KeyOf(line);
    if (key.has_value() && FindRival(key->algorithm) != nullptr) runs[*key] = std::move(line);
  }
  return runs;
}

}  // namespace

std::vector<std::string> KeptFiles(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int KeepRuns(const std::vector<std::string>& inputs, const std::string& folder) {
  std::map<std::string, Runs> by_rival;
  int count = 0;
  for (const std::string& input : inputs) {
    for (auto& [key, line] : RivalRunsOf(input)) {
      by_rival[key.algorithm][key] = Compact(line);
      ++count;
    }
  }
  std::filesystem::create_directories(folder);
  for (auto& [rival, runs] : by_rival) {
    const std::string path = absl::StrCat(folder, "/", rival, ".jsonl");
    runs.merge(RivalRunsOf(path));  // which leaves those alone that are new
    std::ofstream file(path);
    for (const auto& [key, line] : runs) file << line.dump() << "\n";
    if (!file.flush()) return -1;
  }
  return count;
}

}  // namespace photinus
