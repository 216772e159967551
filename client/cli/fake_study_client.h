// For tests: a StudyClient that answers from memory, and a Console that collects what is printed.
#ifndef PHOTINUS_CLIENT_CLI_FAKE_STUDY_CLIENT_H_
#define PHOTINUS_CLIENT_CLI_FAKE_STUDY_CLIENT_H_

#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/console.h"
#include "client/cli/study_client.h"

namespace photinus {

class FakeStudyClient final : public StudyClient {
 public:
  // What the server has.
  std::map<std::string, v1::StudyStatus> studies;  // by full name
  std::map<std::string, std::vector<pb::Trial>> trials;
  std::vector<pb::Trial> optimal;
  std::vector<v1::Attempt> attempts;
  std::map<std::string, std::string> artifacts;  // name -> content, of every trial
  std::vector<v1::ListWorkersResponse::Worker> workers;
  // One element per call of WatchStudy: its messages, and how the stream ends.
  std::vector<std::pair<std::vector<v1::WatchStudyResponse>, absl::Status>> streams;
  std::vector<v1::ExportStudyResponse> exported;  // of any study
  absl::Status export_end;
  v1::ExplainTrialResponse explained;
  v1::GetParameterImportanceResponse importance;
  v1::GetStudyStopsResponse stops;
  absl::Status failure;             // if not OK, every call gives it
  absl::Status query_failure;       // the same of QueryTrials
  std::function<void()> meanwhile;  // happens after each ReadTrials

  // What was asked.
  std::vector<std::string> calls;
  pb::StudySpec created;
  std::vector<pb::Trial> added;
  TrialQuery query;
  std::optional<std::set<std::string>> matching;  // the ids that any filter lets through; nullopt: all
  std::string imported;

  absl::StatusOr<pb::Study> CreateStudy(const StudyName& name, const pb::StudySpec& spec, IfExists if_exists) override {
    const char* const call = if_exists == IfExists::kRefuse ? "create new " : "create ";
    if (absl::Status status = Enter(call, name.ToString()); !status.ok()) return status;
    created = spec;
    pb::Study study;
    study.set_name(name.ToString());
    return study;
  }
  absl::StatusOr<std::vector<v1::StudyStatus>> ListStudies(const std::string& owner) override {
    if (absl::Status status = Enter("list ", owner); !status.ok()) return status;
    std::vector<v1::StudyStatus> found;
    for (const auto& [name, status] : studies) {
      if (name.rfind(absl::StrCat("owners/", owner, "/"), 0) == 0) found.push_back(status);
    }
    if (found.empty()) return absl::NotFoundError(absl::StrCat("no owner ", owner));
    return found;
  }
  absl::StatusOr<v1::StudyStatus> GetStudyStatus(const StudyName& name) override {
    if (absl::Status status = Enter("status ", name.ToString()); !status.ok()) return status;
    return Find(name);
  }
  absl::Status WatchStudy(const StudyName& name, const WatchPosition& since,
                          absl::FunctionRef<bool(const v1::WatchStudyResponse&)> on_message) override {
    const std::string from = since.uid == 0 ? "" : absl::StrCat(" from ", since.uid, ":", since.version);
    if (absl::Status status = Enter("watch ", name.ToString(), from); !status.ok()) return status;
    if (streams.empty()) return absl::UnavailableError("no more streams");
    const auto [messages, end] = std::move(streams.front());
    streams.erase(streams.begin());
    for (const v1::WatchStudyResponse& message : messages) {
      if (!on_message(message)) return absl::OkStatus();
    }
    return end;
  }
  absl::Status Reconnect() override { return Enter("reconnect"); }
  absl::StatusOr<v1::StudyStatus> DrainStudy(const StudyName& name, v1::DrainStudyRequest::Mode mode) override {
    if (absl::Status status = Enter(v1::DrainStudyRequest::Mode_Name(mode), " ", name.ToString()); !status.ok()) {
      return status;
    }
    absl::StatusOr<v1::StudyStatus> status = Find(name);
    if (!status.ok()) return status;
    status->set_draining(mode != v1::DrainStudyRequest::RESUME);
    status->set_paused(mode == v1::DrainStudyRequest::PAUSE);
    return status;
  }
  absl::StatusOr<pb::Study> SetStudyState(const StudyName& name, pb::Study::State state) override {
    if (absl::Status status = Enter(pb::Study::State_Name(state), " ", name.ToString()); !status.ok()) return status;
    const auto it = studies.find(name.ToString());
    if (it == studies.end()) return absl::NotFoundError("no such study");
    if (state == pb::Study::ACTIVE) it->second.set_draining(true);  // as the server does when it reopens a study
    it->second.mutable_study()->set_state(state);
    return it->second.study();
  }
  absl::Status SetStudyDocument(const StudyName& name, const std::string& json) override {
    return Enter("document ", name.ToString(), " ", json);
  }
  absl::Status DeleteStudy(const StudyName& name) override {
    if (absl::Status status = Enter("delete ", name.ToString()); !status.ok()) return status;
    return studies.erase(name.ToString()) > 0 ? absl::OkStatus() : absl::NotFoundError("no such study");
  }
  absl::StatusOr<std::vector<pb::Trial>> QueryTrials(const StudyName& name, const TrialQuery& asked) override {
    if (absl::Status status = Enter("query ", name.ToString()); !status.ok()) return status;
    if (!query_failure.ok()) return query_failure;
    query = asked;
    std::vector<pb::Trial> found;
    for (const pb::Trial& trial : trials[name.ToString()]) {
      if (asked.filter.empty() || !matching.has_value() || matching->count(trial.id()) > 0) found.push_back(trial);
    }
    return found;
  }
  absl::Status ReadTrials(const StudyName& name, absl::FunctionRef<absl::Status(const pb::Trial&)> on_trial) override {
    if (absl::Status status = Enter("read ", name.ToString()); !status.ok()) return status;
    for (const pb::Trial& trial : trials[name.ToString()]) {
      if (absl::Status status = on_trial(trial); !status.ok()) return status;
    }
    if (meanwhile) meanwhile();
    return absl::OkStatus();
  }
  absl::StatusOr<pb::Trial> GetTrial(const TrialName& name) override {
    if (absl::Status status = Enter("get ", name.ToString()); !status.ok()) return status;
    for (const pb::Trial& trial : trials[name.study.ToString()]) {
      if (trial.name() == name.ToString()) return trial;
    }
    return absl::NotFoundError(absl::StrCat(name.ToString(), " does not exist"));
  }
  absl::StatusOr<pb::Trial> CreateTrial(const StudyName& name, const pb::Trial& trial) override {
    if (absl::Status status = Enter("add to ", name.ToString()); !status.ok()) return status;
    if (studies[name.ToString()].study().state() != pb::Study::ACTIVE)
      return absl::FailedPreconditionError("not ACTIVE");
    added.push_back(trial);
    return trial;
  }
  absl::StatusOr<std::vector<pb::Trial>> ListOptimalTrials(const StudyName& name) override {
    if (absl::Status status = Enter("optimal ", name.ToString()); !status.ok()) return status;
    return optimal;
  }
  absl::StatusOr<std::vector<v1::Attempt>> ListAttempts(const TrialName&) override { return attempts; }
  absl::StatusOr<std::vector<v1::ListArtifactsResponse::Artifact>> ListArtifacts(const TrialName&) override {
    std::vector<v1::ListArtifactsResponse::Artifact> list;
    for (const auto& [name, content] : artifacts) {
      list.emplace_back().set_name(name);
      list.back().set_size(static_cast<int64_t>(content.size()));
      list.back().set_sha256("abc");
    }
    return list;
  }
  absl::StatusOr<v1::ExplainTrialResponse> ExplainTrial(const TrialName& name) override {
    if (absl::Status status = Enter("explain ", name.ToString()); !status.ok()) return status;
    return explained;
  }
  absl::StatusOr<v1::GetParameterImportanceResponse> GetParameterImportance(const StudyName& name,
                                                                            const std::string& objective) override {
    if (absl::Status status = Enter("importance ", name.ToString(), " ", objective); !status.ok()) return status;
    return importance;
  }
  absl::StatusOr<v1::GetStudyStopsResponse> GetStudyStops(const StudyName& name) override {
    if (absl::Status status = Enter("stops ", name.ToString()); !status.ok()) return status;
    return stops;
  }
  absl::Status FetchArtifact(const TrialName& name, const std::string& artifact, const std::string& path) override {
    if (absl::Status status = Enter("fetch ", name.ToString(), " ", artifact); !status.ok()) return status;
    const auto it = artifacts.find(artifact);
    if (it == artifacts.end()) return absl::NotFoundError("no such artifact");
    std::ofstream(path, std::ios::binary) << it->second;
    return absl::OkStatus();
  }
  absl::Status ExportStudy(const StudyName& name, bool with_artifacts,
                           absl::FunctionRef<absl::Status(const v1::ExportStudyResponse&)> on_part) override {
    if (absl::Status status = Enter("export ", name.ToString(), with_artifacts ? " with artifacts" : "");
        !status.ok()) {
      return status;
    }
    for (const v1::ExportStudyResponse& part : exported) {
      if (absl::Status status = on_part(part); !status.ok()) return status;
    }
    return export_end;
  }
  absl::StatusOr<v1::ImportStudyResponse> ImportStudy(const std::string& owner, const std::string& display_name,
                                                      absl::FunctionRef<absl::StatusOr<std::string>()> next) override {
    if (absl::Status status = Enter("import ", owner, " ", display_name); !status.ok()) return status;
    imported.clear();
    while (true) {
      const absl::StatusOr<std::string> text = next();
      if (!text.ok()) return text.status();
      if (text->empty()) break;
      imported += *text;
    }
    v1::ImportStudyResponse response;
    response.set_name(absl::StrCat("owners/", owner, "/studies/", display_name.empty() ? "kws" : display_name));
    response.set_trials(2);
    return response;
  }
  absl::StatusOr<std::vector<v1::ListWorkersResponse::Worker>> ListWorkers() override { return workers; }
  absl::Status Backup(const std::string& path,
                      absl::FunctionRef<void(int64_t done, int64_t total)> on_progress) override {
    if (absl::Status status = Enter("backup ", path); !status.ok()) return status;
    on_progress(6, 6);
    std::ofstream(path, std::ios::binary) << "backup";
    return absl::OkStatus();
  }

 private:
  template <typename... Parts>
  absl::Status Enter(const Parts&... parts) {
    calls.push_back(absl::StrCat(parts...));
    return failure;
  }
  absl::StatusOr<v1::StudyStatus> Find(const StudyName& name) const {
    const auto it = studies.find(name.ToString());
    if (it == studies.end()) return absl::NotFoundError(absl::StrCat(name.ToString(), " does not exist"));
    return it->second;
  }
};

class FakeConsole final : public Console {
 public:
  std::string out, notes;
  absl::Status out_status;
  bool terminal = false;
  int columns = 0, rows = 0;
  std::optional<std::string> answer;  // unset: stdin is no terminal
  std::string question;

  void Out(std::string_view text) override { out += text; }
  absl::Status OutStatus() const override { return out_status; }
  void Note(std::string_view line) override { notes += std::string(line) + "\n"; }
  bool OutIsTerminal() const override { return terminal; }
  int Columns() const override { return columns; }
  int Rows() const override { return rows; }
  absl::StatusOr<std::string> Ask(std::string_view text) override {
    question = std::string(text);
    if (!answer.has_value()) return absl::FailedPreconditionError("stdin is no terminal");
    return *answer;
  }
};

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_FAKE_STUDY_CLIENT_H_
