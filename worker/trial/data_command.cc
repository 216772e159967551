#include "worker/trial/data_command.h"

#include <iostream>
#include <new>
#include <system_error>

#include "worker/base/core_count.h"
#include "worker/trial/progress_line.h"

namespace photinus::trial {

Result<data::DataSet> OpenData(const DataRequest& request, bool verify, const std::function<bool()>& stop) {
  ProgressLine line;
  data::DataSetOptions options;
  options.data_dir = request.data_dir;
  options.task = request.task;
  options.folder = request.folder;
  options.features = request.features;
  options.frames = request.frames;
  options.threads = request.threads > 0 ? request.threads : CountCores();
  options.verify = verify;
  options.stop = stop;
  options.warn = [](const std::string& fault) { std::cerr << "photinus-trial: warning: " << fault << std::endl; };
  options.progress = [&line](std::string_view stage, size_t done, size_t total) { line.Show(stage, done, total); };
  try {
    return data::DataSet::Open(options);
  } catch (const std::bad_alloc&) {
    return Unavailable("not enough memory to make the data set '" + request.task +
                       "' here; make it on a machine with more (photinus-trial data) and share the data folder");
  } catch (const std::system_error& refusal) {
    return Unavailable("cannot make the data set '" + request.task +
                       "' here: the system refused a thread or a file: " + refusal.what());
  }
}

Result<void> RunDataCommand(const DataRequest& request, const std::function<bool()>& stop) {
  PHOTINUS_ASSIGN_OR_RETURN(const data::DataSet data, OpenData(request, true, stop));
  std::cout << request.task << ": " << data.Size(data::Split::kTrain) << " training, "
            << data.Size(data::Split::kValidation) << " validation and " << data.Size(data::Split::kTest)
            << " test clips, " << data.Classes().size() << " classes, " << data.frames() << " x " << data.bins() << " "
            << data::FeatureKindName(request.features) << " features, in " << request.data_dir.string() << std::endl;
  return {};
}

}  // namespace photinus::trial
