#include "tests/benchmarks/search/rival_searcher.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "nlohmann/json.hpp"

namespace photinus {
namespace {

using Json = nlohmann::json;

constexpr char kPython[] = "/usr/bin/python3";  // as ./run uses
constexpr char kLauncher[] = SEARCH_RIVALS "/launch.py";

pid_t Spawn(std::vector<std::string> command, int input, int output) {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t pid = -1;
  const int fault = posix_spawn(&pid, kPython, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return fault == 0 ? pid : -1;
}

Json ValueToJson(const ParameterValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Json ParameterToJson(const Parameter& p, const std::vector<Parameter>& all) {
  static constexpr const char* kTypes[] = {"double", "integer", "discrete", "categorical"};
  static constexpr const char* kScales[] = {"linear", "log", "reverse_log"};
  Json json = {{"id", p.id}, {"type", kTypes[static_cast<int>(p.type)]}, {"scale", kScales[static_cast<int>(p.scale)]}};
  if (p.type == Parameter::Type::kCategorical) {
    json["values"] = p.categories;
  } else if (p.type == Parameter::Type::kDiscrete) {
    json["values"] = p.values;
  } else {
    json["min"] = p.min;
    json["max"] = p.max;
  }
  if (p.parent < 0) return json;
  json["parent"] = all[p.parent].id;
  for (const ParameterValue& value : p.parent_values) json["parent_values"].push_back(ValueToJson(value));
  return json;
}

Json OpeningOf(const Problem& problem, uint64_t seed) {
  Json parameters = Json::array(), objectives = Json::array();
  const std::vector<Parameter>& all = problem.space.parameters();
  for (const Parameter& p : all) parameters.push_back(ParameterToJson(p, all));
  for (const Objective& o : problem.objectives) objectives.push_back({{"metric", o.metric}, {"maximize", o.maximize}});
  return {{"parameters", parameters}, {"objectives", objectives}, {"seed", seed % 0x7fffffff}};
}

// Rivals that know no conditions give every parameter a value; those that are not active count for nothing.
absl::StatusOr<Point> ActivePoint(const SearchSpace& space, const Json& values) {
  Point point;
  const std::vector<Parameter>& parameters = space.parameters();
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto found = values.find(parameters[i].id);
    if (!space.IsActive(static_cast<int>(i), point) || found == values.end()) continue;
    if (found->is_string()) {
      point[parameters[i].id] = found->get<std::string>();
    } else if (found->is_number()) {
      point[parameters[i].id] = found->get<double>();
    }
  }
  RETURN_IF_ERROR(space.Validate(point));
  return point;
}

}  // namespace

const std::vector<Rival>& Rivals() {
  static const auto& rivals = *new std::vector<Rival>{
      {"PYTHON_RANDOM", true}, {"OPTUNA_TPE", true},     {"OPTUNA_GP", true}, {"OPTUNA_CMA_ES", false},
      {"VIZIER_EAGLE", false}, {"VIZIER_DEFAULT", true}, {"HEBO", false}};
  return rivals;
}

const Rival* FindRival(const std::string& name) {
  for (const Rival& rival : Rivals()) {
    if (name == rival.name) return &rival;
  }
  return nullptr;
}

absl::Status InstallRival(const std::string& name) {
  const pid_t pid = Spawn({kPython, kLauncher, SEARCH_ENVIRONMENTS, name, "--install"}, STDIN_FILENO, STDERR_FILENO);
  int status = 0;
  if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("the environment of ", name, " could not be installed"));
}

absl::StatusOr<std::unique_ptr<RivalSearcher>> RivalSearcher::Start(const Rival& rival, const Problem& problem,
                                                                    uint64_t seed) {
  int requests[2], answers[2];
  if (pipe2(requests, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0) return absl::UnavailableError("no pipe");
  std::signal(SIGPIPE, SIG_IGN);  // a rival that ended is an error, not our end
  const pid_t pid = Spawn({kPython, kLauncher, SEARCH_ENVIRONMENTS, rival.name}, requests[0], answers[1]);
  close(requests[0]);
  close(answers[1]);
  std::unique_ptr<RivalSearcher> searcher(
      new RivalSearcher(problem, pid, fdopen(requests[1], "w"), fdopen(answers[0], "r")));
  if (pid < 0) return absl::UnavailableError(absl::StrCat("cannot run ", kPython));
  ASSIGN_OR_RETURN(const Json ready, searcher->Call(OpeningOf(problem, seed)));
  searcher->versions_ = ready.at("versions").get<std::string>();
  searcher->start_cpu_seconds_ = searcher->cpu_seconds_;
  return searcher;
}

RivalSearcher::~RivalSearcher() {
  std::fclose(requests_);  // which tells it to end
  std::fclose(answers_);
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

absl::StatusOr<std::vector<Point>> RivalSearcher::Ask(int64_t first_trial, int count) {
  ASSIGN_OR_RETURN(const Json answer, Call({{"ask", {{"first_trial", first_trial}, {"count", count}}}}));
  std::vector<Point> points;
  for (const Json& values : answer.at("trials")) {
    ASSIGN_OR_RETURN(Point point, ActivePoint(problem_.space, values));
    points.push_back(std::move(point));
  }
  return points;
}

absl::Status RivalSearcher::Tell(const std::vector<EvaluatedPoint>& trials) {
  Json told = Json::array();
  for (const EvaluatedPoint& trial : trials) {
    Json parameters;
    for (const auto& [id, value] : trial.point) parameters[id] = ValueToJson(value);
    told.push_back({{"trial", trial.trial_id},
                    {"parameters", std::move(parameters)},
                    {"values", trial.infeasible ? Json() : Json(trial.objectives)},
                    {"slacks", trial.slacks}});
  }
  return Call({{"tell", std::move(told)}}).status();
}

absl::StatusOr<Json> RivalSearcher::Call(const Json& request) {
  const std::string text = request.dump() + "\n";
  if (std::fputs(text.c_str(), requests_) < 0 || std::fflush(requests_) != 0) {
    return absl::InternalError("the rival's process has ended");
  }
  char* line = nullptr;
  size_t capacity = 0;
  const ssize_t length = getline(&line, &capacity, answers_);
  const Json answer = length > 0 ? Json::parse(line, line + length, nullptr, /*allow_exceptions=*/false) : Json();
  std::free(line);
  if (!answer.is_object()) return absl::InternalError("the rival's process has ended");
  if (answer.contains("error")) return absl::InternalError(answer["error"].get<std::string>());
  cpu_seconds_ = answer.at("cpu_seconds").get<double>();
  return answer;
}

}  // namespace photinus
