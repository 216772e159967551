#include "worker/agent/device_check.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "worker/agent/child_process.h"
#include "worker/agent/log_tail.h"

namespace photinus {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(2);  // many cold devices take their time to start
constexpr size_t kLogBytes = 4 << 10;

class LastLines final : public ChildOutput {
 public:
  void OnOutputLine(std::string_view line, bool /*cut*/) override { log_.Append(line); }
  void OnErrorLine(std::string_view line, bool /*cut*/) override { log_.Append(line); }
  bool HasRoom() override { return true; }
  std::string Last() const { return log_.LastLine(); }

 private:
  LogTail log_{kLogBytes};
};

absl::Status Unusable(const Device& device, const std::string& why) {
  return absl::FailedPreconditionError(
      absl::StrCat("no network can be trained on ", device.name, ": ", why,
                   "; build with a libtorch for it (`./run build --torch PREFIX`), or use it for commands only, with "
                   "--no-networks"));
}

}  // namespace

absl::Status CheckDevice(const std::string& trial_program, const Device& device, const ProcessGuard& guard) {
  const ChildCommand command{
      {trial_program, "check", "--device", device.name_in_child}, device.Environment(1), "/", ""};
  const auto child = ChildProcess::Start(command, guard);
  if (!child.ok()) return Unusable(device, std::string(child.status().message()));
  (*child)->Kill(kPatience);
  LastLines lines;
  const ChildExit exit = (*child)->Run(lines);
  if (exit.signal == 0 && exit.status == 0) return absl::OkStatus();
  if (exit.killed_by_us) return Unusable(device, absl::StrCat("no answer for ", absl::FormatDuration(kPatience)));
  const std::string said = lines.Last();
  if (!said.empty()) return Unusable(device, said);
  return Unusable(device,
                  exit.signal != 0 ? absl::StrCat("signal ", exit.signal) : absl::StrCat("exit status ", exit.status));
}

}  // namespace photinus
