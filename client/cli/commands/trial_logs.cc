#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/commands/trial_reference.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr char kLogArtifact[] = "log.txt";

// A folder of our own, removed with everything in it.
class TemporaryFolder {
 public:
  static absl::StatusOr<TemporaryFolder> Make() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "photinus-XXXXXX").string();
    if (error || mkdtemp(name.data()) == nullptr) return absl::UnavailableError(absl::StrCat("cannot make ", name));
    return TemporaryFolder(std::move(name));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const TrialName name, ReferredTrial(args, session.client));
  ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  const std::string path = folder.path() + "/" + kLogArtifact;
  const absl::Status status = session.client.FetchArtifact(name, kLogArtifact, path);
  if (status.code() == absl::StatusCode::kNotFound) {
    RETURN_IF_ERROR(session.client.GetTrial(name).status());
    return absl::NotFoundError(
        absl::StrCat(name.ToString(), " has no log; a worker stores it when the trial's process ends"));
  }
  RETURN_IF_ERROR(status);
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  session.console.Out(session.console.OutIsTerminal() ? Harmless(text.str()) : text.str());
  return absl::OkStatus();
}

}  // namespace

extern const Command kTrialLogsCommand = {"trial",
                                          "logs",
                                          "Print the log of a trial's process",
                                          "photinus trial logs kws 12\n"
                                          "photinus trial logs kws 12 | tail",
                                          {kStudyArgument, kTrialArgument},
                                          {},
                                          &Run};

}  // namespace photinus
