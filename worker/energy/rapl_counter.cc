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
constexpr std::string_view kPackage = "package-";  // the whole platform, psys, contains the packages

// What a file of sysfs holds: a number or a short name.
Result<std::string> ReadText(const std::filesystem::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[64];
  const ssize_t length = file.is_open() ? read(file.get(), text, sizeof(text)) : -1;
  if (length < 0 && (errno == EACCES || errno == EPERM)) {
    return Unavailable(path.string() + ": no permission; as root, allow it with chmod a+r " + path.string() +
                       ", or run as root");
  }
  if (length < 0) return Unavailable(path.string() + ": " + std::strerror(errno));
  return std::string(text, static_cast<std::size_t>(length));
}

Result<std::uint64_t> ReadNumber(const std::filesystem::path& path) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  std::uint64_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) {
    return Unavailable(path.string() + " holds no number");
  }
  return number;
}

// intel-rapl:0, intel-rapl:1; intel-rapl:0:1 is a part of the first and counted with it.
bool IsDomain(const std::string& name) {
  return name.starts_with(kPrefix) && name.find(':', kPrefix.size()) == std::string::npos;
}

}  // namespace

Result<std::unique_ptr<EnergyCounter>> RaplCounter::Open(const std::filesystem::path& root) {
  std::vector<Package> packages;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
    if (!IsDomain(entry.path().filename().string())) continue;
    PHOTINUS_ASSIGN_OR_RETURN(const std::string name, ReadText(entry.path() / "name"));
    if (!name.starts_with(kPackage)) continue;
    Package package{.energy_file = entry.path() / "energy_uj"};
    PHOTINUS_ASSIGN_OR_RETURN(package.range_uj, ReadNumber(entry.path() / "max_energy_range_uj"));
    PHOTINUS_RETURN_IF_ERROR(ReadNumber(package.energy_file));
    packages.push_back(std::move(package));
  }
  if (packages.empty()) {
    return NotFound("no RAPL energy counter of a processor's package (" + std::string(kPrefix) + "N with a name like " +
                    std::string(kPackage) + "0) under " + root.string() +
                    "; this machine does not show them, as virtual machines do not; use another meter");
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
