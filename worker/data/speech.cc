#include "worker/data/speech.h"

#include <system_error>
#include <utility>

#include "worker/base/file.h"
#include "worker/base/subprocess.h"
#include "worker/data/voices.h"

namespace photinus::data {
namespace {

// The word after "text-to-speech: " in the first line.
std::string ParseVersion(const std::string& output) {
  const std::string marker = "text-to-speech: ";
  const size_t start = output.find(marker);
  if (start == std::string::npos) return "unknown";
  const size_t end = output.find_first_of(" \n", start + marker.size());
  return output.substr(start + marker.size(), end - start - marker.size());
}

}  // namespace

Result<Synthesizer> Synthesizer::Open(const std::string& program) {
  Result<std::string> version = ProgramOutput({program, "--version"});
  if (!version.ok() && version.error().code == ErrorCode::kNotFound) {
    return NotFound(program +
                    " is needed to make the spoken keywords and is not installed: run `apt-get install espeak-ng`");
  }
  if (!version.ok()) return version.error();
  PHOTINUS_ASSIGN_OR_RETURN(const std::string listed, ProgramOutput({program, "--voices=variant"}));
  for (const Split split : kSplits) {
    for (const std::string_view variant : Variants(split)) {
      // espeak-ng speaks an unknown variant with the plain accent and no complaint, so a missing one is looked for
      // here.
      if (listed.find("!v/" + std::string(variant) + " ") == std::string::npos) {
        return Unavailable(program + " " + ParseVersion(*version) + " lacks the voice variant " + std::string(variant) +
                           "; install the espeak-ng-data package of Debian 12 (1.51)");
      }
    }
  }
  return Synthesizer(program, ParseVersion(*version));
}

Result<Wav> Synthesizer::Speak(const Utterance& utterance, const std::filesystem::path& scratch) const {
  const Result<std::string> run =
      ProgramOutput({program_, "-v", utterance.voice, "-s", std::to_string(utterance.rate), "-p",
                     std::to_string(utterance.pitch), "-w", scratch.string(), "--", utterance.text});
  if (!run.ok()) return run.error();
  Result<std::string> content = ReadFile(scratch);
  std::error_code ignored;  // a scratch file that stays behind harms nobody
  std::filesystem::remove(scratch, ignored);
  if (!content.ok()) return content.error();
  return ParseWav(*content, scratch.string());
}

}  // namespace photinus::data
