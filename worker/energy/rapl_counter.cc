#include "worker/energy/rapl_counter.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include "worker/base/file_descriptor.h"

namespace photinus::energy {
namespace {

constexpr double kMicro = 1e-6;
constexpr std::string_view kPrefix = "intel-rapl:";

// The number in a file of sysfs.
Result<std::uint64_t> ReadNumber(const std::filesystem::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[32];
  const ssize_t length = file.is_open() ? read(file.get(), text, sizeof(text)) : -1;
  if (length < 0 && (errno == EACCES || errno == EPERM)) {
    return Unavailable(path.string() + ": no permission; as root, allow it with chmod a+r " + path.string() +
                       ", or run as root");
  }
  if (length < 0) return Unavailable(path.string() + ": " + std::strerror(errno));
  std::uint64_t number = 0;
  if (std::from_chars(text, text + length, number).ec != std::errc()) {
    return Unavailable(path.string() + " holds no number");
  }
  return number;
}

// Packages are intel-rapl:0, intel-rapl:1; intel-rapl:0:1 is a part of a package and counted with it.
bool IsPackage(const std::string& name) {
  return name.starts_with(kPrefix) && name.find(':', kPrefix.size()) == std::string::npos;
}

}  // namespace

Result<std::unique_ptr<EnergyCounter>> RaplCounter::Open(const std::filesystem::path& root) {
  std::vector<Package> packages;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
    if (!IsPackage(entry.path().filename().string())) continue;
    Package package{.energy_file = entry.path() / "energy_uj"};
    PHOTINUS_ASSIGN_OR_RETURN(package.range_uj, ReadNumber(entry.path() / "max_energy_range_uj"));
    PHOTINUS_RETURN_IF_ERROR(ReadNumber(package.energy_file));
    packages.push_back(std::move(package));
  }
  if (packages.empty()) {
    return NotFound("no RAPL energy counters (" + std::string(kPrefix) + "N) under " + root.string() +
                    "; this machine does not show them, as virtual machines do not");
  }
  return std::unique_ptr<EnergyCounter>(new RaplCounter(std::move(packages)));
}

Result<void> RaplCounter::Start() {
  for (Package& package : packages_) {
    PHOTINUS_ASSIGN_OR_RETURN(package.start_uj, ReadNumber(package.energy_file));
  }
  return {};
}

Result<double> RaplCounter::Stop(double /*seconds*/) {
  double joules = 0;
  for (const Package& package : packages_) {
    PHOTINUS_ASSIGN_OR_RETURN(std::uint64_t end_uj, ReadNumber(package.energy_file));
    if (end_uj < package.start_uj) end_uj += package.range_uj;  // wrapped around
    joules += static_cast<double>(end_uj - package.start_uj) * kMicro;
  }
  return joules;
}

}  // namespace photinus::energy
