#include "worker/data/voices.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>

#include "worker/base/subprocess.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

TEST(Voices, AreNeverSharedBetweenSplits) {
  std::set<std::string_view> seen;
  for (const Split split : kSplits) {
    EXPECT_GE(Variants(split).size(), 10u) << SplitName(split);
    for (const std::string_view variant : Variants(split)) {
      EXPECT_TRUE(seen.insert(variant).second) << variant << " speaks in two splits";
    }
  }
}

// Where the installed espeak-ng keeps its variants; nothing if it is not installed.
std::optional<std::filesystem::path> VariantFolder() {
  const Result<std::string> version = ProgramOutput({"espeak-ng", "--version"});
  const std::string marker = "Data at: ";
  if (!version.ok() || version->find(marker) == std::string::npos) return std::nullopt;
  const size_t start = version->find(marker) + marker.size();
  const std::filesystem::path folder =
      std::filesystem::path(version->substr(start, version->find('\n', start) - start)) / "voices" / "!v";
  if (!std::filesystem::is_directory(folder)) return std::nullopt;
  return folder;
}

// One of the nine resonances of a voice, in percent of the accent's own.
struct Formant {
  int frequency = 100;
  int height = 100;
  int width = 100;
};
using Formants = std::array<Formant, 9>;

// The lines "formant NUMBER FREQUENCY HEIGHT WIDTH" of a variant's file; what is left out stays as the accent has it.
Formants ReadFormants(const std::filesystem::path& path) {
  Formants formants;
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string keyword;
    size_t number = 0;
    if (!(words >> keyword >> number) || keyword != "formant" || number >= formants.size()) continue;
    for (int* field : {&formants[number].frequency, &formants[number].height, &formants[number].width}) {
      if (int value = 0; words >> value) *field = value;
    }
  }
  return formants;
}

bool Differs(const Formant& a, const Formant& b) {
  constexpr int kSilent = 20, kFrequency = 5, kHeight = 20, kWidth = 50;  // percent
  if (a.height <= kSilent && b.height <= kSilent) return false;
  return std::abs(a.frequency - b.frequency) > kFrequency || std::abs(a.height - b.height) > kHeight ||
         std::abs(a.width - b.width) > kWidth;
}

// Two voices are near-identical if at most two of their formants differ, whatever their pitch, echo and tone.
bool NearIdentical(const Formants& a, const Formants& b) {
  int different = 0;
  for (size_t i = 0; i < a.size(); ++i) different += Differs(a[i], b[i]) ? 1 : 0;
  return different <= 2;
}

TEST(Voices, ThatSoundAlikeSpeakInOneSplit) {
  const std::optional<std::filesystem::path> folder = VariantFolder();
  if (!folder && std::getenv("CI") == nullptr) GTEST_SKIP() << "the voice files of espeak-ng-data are not installed";
  ASSERT_TRUE(folder.has_value()) << "the voice files of espeak-ng-data are not installed";
  std::map<std::string_view, Formants> formants;
  for (const Split split : kSplits) {
    for (const std::string_view variant : Variants(split)) formants[variant] = ReadFormants(*folder / variant);
  }
  // Copies that differ in echo, tone, or one formant.
  EXPECT_TRUE(NearIdentical(formants["max"], formants["RicishayMax"]));
  EXPECT_TRUE(NearIdentical(formants["Henrique"], formants["Hugo"]));
  EXPECT_TRUE(NearIdentical(formants["john"], formants["norbert"]));
  EXPECT_FALSE(NearIdentical(formants["max"], formants["Hugo"]));
  for (const Split split : kSplits) {
    for (const Split other : kSplits) {
      if (split >= other) continue;
      for (const std::string_view a : Variants(split)) {
        for (const std::string_view b : Variants(other)) {
          EXPECT_FALSE(NearIdentical(formants[a], formants[b]))
              << a << " (" << SplitName(split) << ") sounds like " << b << " (" << SplitName(other) << ")";
        }
      }
    }
  }
}

TEST(Words, NoUnknownWordIsAKeyword) {
  EXPECT_EQ(KeywordClasses().size(), 12u);
  EXPECT_EQ(UnknownWords().size(), 40u);
  std::set<std::string_view> words(UnknownWords().begin(), UnknownWords().end());
  EXPECT_EQ(words.size(), 40u);
  for (const std::string_view keyword : KeywordClasses()) EXPECT_FALSE(words.contains(keyword)) << keyword;
}

}  // namespace
}  // namespace photinus::data
