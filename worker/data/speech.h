#ifndef PHOTINUS_WORKER_DATA_SPEECH_H_
#define PHOTINUS_WORKER_DATA_SPEECH_H_

#include <filesystem>
#include <string>

#include "worker/base/result.h"
#include "worker/data/wav.h"

namespace photinus::data {

// One word as one voice says it.
struct Utterance {
  std::string text;
  std::string voice;  // ACCENT+VARIANT, from voices.h
  int rate = 175;     // words per minute, 80..450
  int pitch = 50;     // 0..99
};

// Speaks by running the espeak-ng program once per utterance: its licence (GPL-3) allows calling it, and a fresh
// process gives equal bytes for equal utterances, which its library does not. Thread-safe.
class Synthesizer {
 public:
  // NotFound: the program is not installed. Unavailable: it lacks a voice that voices.h names.
  static Result<Synthesizer> Open(const std::string& program = "espeak-ng");

  // What `espeak-ng --version` says of itself: "1.51".
  const std::string& version() const { return version_; }

  // scratch: a file that this call may write and remove. Unavailable or InvalidArgument when the program fails.
  Result<Wav> Speak(const Utterance& utterance, const std::filesystem::path& scratch) const;

 private:
  Synthesizer(std::string program, std::string version) : program_(std::move(program)), version_(std::move(version)) {}

  std::string program_;
  std::string version_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_SPEECH_H_
