#include "worker/net/worker_options.h"

#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "worker/energy/meters.h"
#include "worker/predictor/energy_source.h"

namespace photinus::net {

std::string ResolveEnergySource(std::string& source) {
  const Result<predictor::EnergySource> opened = predictor::EnergySource::Open(source);
  if (!opened.ok()) return opened.error().message;
  source = opened->name();
  return "";
}

std::string ResolveMonitor(const std::string& source, const std::string& command, std::vector<std::string>& argv) {
  std::istringstream words(command);
  argv.clear();
  for (std::string word; words >> word;) argv.push_back(word);
  if (argv.empty()) return "";
  const std::string needed = "needs --energy with a model that was fitted to measurements of a monitor";
  if (source.empty()) return needed;
  const Result<predictor::EnergySource> opened = predictor::EnergySource::Open(source);
  if (!opened.ok()) return opened.error().message;
  if (opened->meter() != energy::kMonitor) return needed + "; " + source + " has " + opened->meter();
  if (argv[0].find('/') == std::string::npos) return "";
  argv[0] = std::filesystem::absolute(argv[0]).lexically_normal().string();
  return ::access(argv[0].c_str(), X_OK) == 0 ? "" : "there is no program " + argv[0];
}

}  // namespace photinus::net
