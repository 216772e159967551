#ifndef PHOTINUS_WORKER_DATA_FOLDER_STATE_H_
#define PHOTINUS_WORKER_DATA_FOLDER_STATE_H_

#include <filesystem>
#include <string>

#include "worker/base/result.h"

namespace photinus::data {

// Names what a folder of clips holds, so that equal copies on several machines have one state, wherever they lie and
// whenever they were copied: 64 digits, from the content of its own lists (.txt, .csv) and the names and sizes of the
// WAV files in its folders. A WAV file that is changed in place and keeps its size does not change it. NotFound: no
// such folder. Errors of ReadFile, where a list cannot be read.
Result<std::string> FolderState(const std::filesystem::path& folder);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_FOLDER_STATE_H_
