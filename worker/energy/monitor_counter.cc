#include "worker/energy/monitor_counter.h"

#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "worker/base/piped_program.h"

namespace photinus::energy {
namespace {

using Json = nlohmann::json;

// What the lines of a monitor say together.
struct Readings {
  bool any = false;
  bool more = false;  // than the first
  bool joules = false;
  bool watts_alone = false;
  double first_joules = 0;
  double last_joules = 0;
  double sum_of_watts = 0;  // of the samples after the first
  int samples = 0;
};

std::optional<double> Member(const Json& line, const char* name) {
  const auto member = line.find(name);
  if (member == line.end() || !member->is_number()) return std::nullopt;
  return member->get<double>();
}

void AddLine(std::string_view text, Readings& readings) {
  const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!line.is_object()) return;
  const std::optional<double> joules = Member(line, "joules"), watts = Member(line, "watts");
  if (!joules && !watts) return;
  if (joules) {
    if (!readings.joules) readings.first_joules = *joules;
    readings.joules = true;
    readings.last_joules = *joules;
  }
  if (!joules) readings.watts_alone = true;
  readings.more = readings.any;
  if (watts && readings.any) {
    readings.sum_of_watts += *watts;
    ++readings.samples;
  }
  readings.any = true;
}

// One run of the program, whose lines a thread reads as they come.
class Monitor {
 public:
  explicit Monitor(PipedProgram program) : program_(std::move(program)), reader_([this] { ReadLines(); }) {}
  ~Monitor() {
    program_.Signal(SIGKILL);
    program_.EndReading();  // should it not have been killed
    reader_.join();
  }
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // False: there is none after so long, or the program ended.
  bool AwaitReading(double seconds) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return readings_.any || ended_; });
    return readings_.any;
  }

  // All readings, once the program has ended; nothing if it has not after so long.
  std::optional<Readings> End(double seconds) {
    program_.Signal(SIGINT);
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return ended_; })) return {};
    return readings_;
  }

 private:
  void ReadLines() {
    while (const std::optional<std::string> line = program_.ReadLine()) {
      const std::lock_guard lock(mutex_);
      AddLine(*line, readings_);
      changed_.notify_all();
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  PipedProgram program_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Readings readings_;   // guarded by mutex_
  bool ended_ = false;  // guarded by mutex_
  std::thread reader_;  // the last member: it uses the others
};

class MonitorCounter : public EnergyCounter {
 public:
  MonitorCounter(std::vector<std::string> argv, MonitorOptions options) : argv_(std::move(argv)), options_(options) {}

  Result<void> Start() override {
    PHOTINUS_ASSIGN_OR_RETURN(PipedProgram program, PipedProgram::Start(argv_));
    monitor_ = std::make_unique<Monitor>(std::move(program));
    if (monitor_->AwaitReading(options_.ready_seconds)) return {};
    monitor_.reset();
    return Unavailable("the power monitor " + argv_[0] +
                       R"( printed no line like {"watts": 1.3} or {"joules": 0.4} before it ended, or for too long)");
  }

  Result<double> Stop(double seconds) override {
    const std::optional<Readings> readings = monitor_->End(options_.end_seconds);
    monitor_.reset();
    if (!readings) return Unavailable("the power monitor " + argv_[0] + " did not end after SIGINT");
    if (readings->joules && readings->watts_alone) {
      return Unavailable("the power monitor " + argv_[0] +
                         " printed lines with watts and others with joules; each must have the same one");
    }
    if (readings->joules && readings->more) return readings->last_joules - readings->first_joules;
    if (readings->samples > 0) return readings->sum_of_watts / readings->samples * seconds;
    return Unavailable("the power monitor " + argv_[0] + " printed no measurement during the run");
  }

 private:
  const std::vector<std::string> argv_;
  const MonitorOptions options_;
  std::unique_ptr<Monitor> monitor_;  // between Start and Stop
};

}  // namespace

std::unique_ptr<EnergyCounter> NewMonitorCounter(std::vector<std::string> argv, MonitorOptions options) {
  return std::make_unique<MonitorCounter>(std::move(argv), options);
}

}  // namespace photinus::energy
