#ifndef PHOTINUS_WORKER_DATA_SPEECH_COMMANDS_H_
#define PHOTINUS_WORKER_DATA_SPEECH_COMMANDS_H_

#include <cstdint>
#include <filesystem>

#include "worker/base/result.h"
#include "worker/data/recorded_clips.h"

namespace photinus::data {

// The clips of a folder of Google's Speech Commands (Warden 2018, versions 0.01 and 0.02), labelled as
// KeywordClasses():
//   WORD/SPEAKER_nohash_N.wav   one word per folder; the ten keywords must be there
//   validation_list.txt, testing_list.txt   a line for each clip of these splits, WORD/FILE.wav; all others are for
//                               training
//   _background_noise_/*.wav    at least 3 s each
// Words that are no keyword are `unknown`: of them, as many as a keyword has on average, chosen by `seed`. As many are
// `silence`: cuts of the background, quieter by up to 30 dB, from the last tenth of each file for test, the tenth
// before for validation (both at least 1 s), the rest for training. What is listed and missing is counted in the notes.
// InvalidArgument, with file and line: another layout. NotFound: no such folder.
Result<Recordings> LoadSpeechCommands(const std::filesystem::path& folder, uint64_t seed);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_SPEECH_COMMANDS_H_
