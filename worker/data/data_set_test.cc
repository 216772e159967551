#include "worker/data/data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

#include "worker/data/clip_store.h"
#include "worker/data/file.h"
#include "worker/data/keyword_clip.h"
#include "worker/data/manifest.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A folder of its own for each test, removed with it.
class DataSetTest : public ::testing::Test {
 protected:
  DataSetTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "photinus_data_XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
  }
  ~DataSetTest() override { std::filesystem::remove_all(dir_); }

  DataSetOptions Options(bool verify = false) const {
    DataSetOptions options;
    options.data_dir = dir_;
    options.preset = "smoke";
    options.verify = verify;
    return options;
  }
  std::filesystem::path Folder() const { return dir_ / "keywords-2.smoke.seed1"; }
  // One set is made for all tests of the process and copied, since the making takes seconds.
  void CopyMadeSet() const {
    static const DataSetTest::Shared shared;
    ASSERT_EQ(shared.message, "");
    std::filesystem::copy(shared.dir, dir_, std::filesystem::copy_options::recursive);
  }

  std::filesystem::path dir_;

 private:
  struct Shared {
    Shared() {
      std::string pattern = (std::filesystem::temp_directory_path() / "photinus_data_XXXXXX").string();
      dir = ::mkdtemp(pattern.data());
      DataSetOptions options;
      options.data_dir = dir;
      options.preset = "smoke";
      const Result<DataSet> made = DataSet::Open(options);
      if (!made.ok()) message = made.error().message;
    }
    ~Shared() { std::filesystem::remove_all(dir); }
    std::filesystem::path dir;
    std::string message;
  };
};

TEST_F(DataSetTest, HasBalancedClassesAndStandardisedFeatures) {
  CopyMadeSet();
  const Result<DataSet> set = DataSet::Open(Options());
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_EQ(set->frames(), 49);
  EXPECT_EQ(set->bins(), 40);
  EXPECT_EQ(set->Size(Split::kTrain), 240u);
  EXPECT_EQ(set->Size(Split::kTest), 72u);
  std::map<int, int> counts;
  std::vector<double> sums(40), squares(40);
  for (size_t i = 0; i < set->Size(Split::kTrain); ++i) {
    ++counts[set->Label(Split::kTrain, i)];
    const std::span<const float> clip = set->Clip(Split::kTrain, i);
    for (size_t j = 0; j < clip.size(); ++j) {
      sums[j % 40] += static_cast<double>(clip[j]);
      squares[j % 40] += static_cast<double>(clip[j]) * static_cast<double>(clip[j]);
    }
  }
  for (int label = 0; label < 12; ++label) EXPECT_EQ(counts[label], 20) << label;
  for (size_t bin = 0; bin < 40; ++bin) {
    EXPECT_NEAR(sums[bin] / (240 * 49), 0, 1e-3);
    EXPECT_NEAR(squares[bin] / (240 * 49), 1, 1e-3);
  }
}

TEST_F(DataSetTest, NoVoiceSpeaksInTwoSplits) {
  CopyMadeSet();
  const Result<std::string> content = ReadFile(Folder() / "manifest.tsv");
  ASSERT_TRUE(content.ok());
  const Result<Manifest> manifest = ParseManifest(*content, "manifest.tsv");
  ASSERT_TRUE(manifest.ok());
  std::map<std::string, std::set<Split>> splits_of_variant;
  for (const ManifestEntry& entry : manifest->entries) {
    EXPECT_EQ(entry.voice.empty(), entry.label == kSilenceLabel);
    if (!entry.voice.empty()) splits_of_variant[entry.voice.substr(entry.voice.find('+'))].insert(entry.split);
  }
  EXPECT_GT(splits_of_variant.size(), 50u);
  for (const auto& [variant, splits] : splits_of_variant) EXPECT_EQ(splits.size(), 1u) << variant;
}

TEST_F(DataSetTest, IsTheSameWhateverTheNumberOfThreads) {
  CopyMadeSet();  // made by two threads
  DataSetOptions options = Options();
  options.data_dir = dir_ / "again";
  options.threads = 3;
  const Result<DataSet> again = DataSet::Open(options);
  ASSERT_TRUE(again.ok()) << again.error().message;
  const std::filesystem::path other = dir_ / "again" / Folder().filename();
  for (const char* name : {"manifest.tsv", "features.bin"}) {
    EXPECT_EQ(Sha256(*ReadFile(Folder() / name)), Sha256(*ReadFile(other / name))) << name;
  }
}

TEST_F(DataSetTest, AnotherSeedGivesOtherRecipes) {
  int equal = 0;
  for (int i = 0; i < 120; ++i) {
    const ClipRecipe a = MakeRecipe(1, Split::kTrain, i), b = MakeRecipe(2, Split::kTrain, i);
    EXPECT_EQ(a.label, b.label);
    equal += a.mix_seed == b.mix_seed ? 1 : 0;
  }
  EXPECT_EQ(equal, 0);
}

TEST_F(DataSetTest, ATruncatedClipIsNamedAndNothingIsChanged) {
  CopyMadeSet();
  const std::filesystem::path clip = Folder() / "clips/train/yes/000000.wav";
  ASSERT_EQ(std::filesystem::file_size(clip), 32044u);
  std::filesystem::resize_file(clip, 1000);
  for (const bool verify : {false, true}) {
    const Result<DataSet> set = DataSet::Open(Options(verify));
    ASSERT_FALSE(set.ok());
    EXPECT_EQ(set.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(set.error().message, clip.string() +
                                       " is truncated: expected 32044 bytes, found 1000; delete it and run "
                                       "`photinus-trial data`");
    EXPECT_EQ(std::filesystem::file_size(clip), 1000u);
  }
}

TEST_F(DataSetTest, AnAlteredClipIsFoundWhenVerifying) {
  CopyMadeSet();
  const std::filesystem::path clip = Folder() / "clips/test/no/000001.wav";
  std::string content = *ReadFile(clip);
  content[5000] = static_cast<char>(content[5000] ^ 1);
  ASSERT_TRUE(WriteFile(clip, content).ok());
  const Result<DataSet> set = DataSet::Open(Options(true));
  ASSERT_FALSE(set.ok());
  EXPECT_THAT(set.error().message, HasSubstr("000001.wav was altered"));
}

TEST_F(DataSetTest, ALostClipIsMadeAgain) {
  CopyMadeSet();
  const std::filesystem::path clip = Folder() / "clips/test/no/000001.wav";
  const std::string content = *ReadFile(clip);
  std::filesystem::remove(clip);
  const Result<DataSet> set = DataSet::Open(Options());
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_EQ(*ReadFile(clip), content);
}

TEST_F(DataSetTest, LostFeaturesAreComputedAgain) {
  CopyMadeSet();
  const std::string before = Sha256(*ReadFile(Folder() / "features.bin"));
  std::filesystem::remove(Folder() / "features.bin");
  ASSERT_TRUE(DataSet::Open(Options()).ok());
  EXPECT_EQ(Sha256(*ReadFile(Folder() / "features.bin")), before);
}

struct DamageCase {
  const char* name;
  const char* file;
  size_t keep;  // bytes kept; 0: all, one changed
  const char* message;
};

class DamageTest : public DataSetTest, public ::testing::WithParamInterface<DamageCase> {};

TEST_P(DamageTest, IsDetectedWhenOpened) {
  CopyMadeSet();
  const std::filesystem::path path = Folder() / GetParam().file;
  std::string content = *ReadFile(path);
  if (GetParam().keep > 0) {
    content.resize(GetParam().keep);
  } else {
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
  }
  ASSERT_TRUE(WriteFile(path, content).ok());
  const Result<DataSet> set = DataSet::Open(Options());
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(set.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, DamageTest,
    ::testing::Values(DamageCase{"ManifestCut", "manifest.tsv", 1000,
                                 "manifest.tsv was cut or altered; delete the folder"},
                      DamageCase{"ManifestAltered", "manifest.tsv", 0, "manifest.tsv was cut or altered"},
                      DamageCase{"FeaturesCut", "features.bin", 5000, "features.bin is truncated: expected"},
                      DamageCase{"FeaturesCutInTheHeader", "features.bin", 50, "features.bin is truncated"},
                      DamageCase{"FeaturesAltered", "features.bin", 0, "features.bin was altered"}),
    [](const auto& info) { return info.param.name; });

TEST_F(DataSetTest, FeaturesOfOtherClipsAreRefused) {
  CopyMadeSet();
  const Result<FeatureFile> file = FeatureFile::Open(Folder() / "features.bin", std::string(64, '0'));
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message, HasSubstr("was made from other clips"));
}

TEST_F(DataSetTest, TwoProcessesThatAskAtOnceShareOneMaking) {
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      size_t made = 0;
      DataSetOptions options = Options();
      options.threads = 1;
      options.progress = [&made](std::string_view stage, size_t done, size_t) {
        if (stage == "making clips") made = done;
      };
      const Result<DataSet> set = DataSet::Open(options);
      ::_exit(!set.ok() ? 3 : made == 384 ? 1 : made == 0 ? 2 : 4);
    }
    children.push_back(child);
  }
  std::multiset<int> codes;
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    codes.insert(WEXITSTATUS(status));
  }
  EXPECT_EQ(codes, (std::multiset<int>{1, 2})) << "one makes it, the other waits";
}

TEST_F(DataSetTest, AStopIsObeyedAndTheNextAttemptStartsAnew) {
  DataSetOptions options = Options();
  int asked = 0;
  options.threads = 1;
  options.stop = [&asked] { return ++asked > 5; };
  const Result<DataSet> stopped = DataSet::Open(options);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().message, "stopped");
  EXPECT_FALSE(std::filesystem::exists(Folder() / "manifest.tsv"));
}

TEST_F(DataSetTest, AnUnknownPresetIsAnsweredWithTheKnownOnes) {
  DataSetOptions options = Options();
  options.preset = "keyword";
  const Result<DataSet> set = DataSet::Open(options);
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().message, "unknown task or preset \"keyword\"; known are: keywords, smoke");
}

TEST_F(DataSetTest, AFolderThatCannotBeMadeIsNamed) {
  ASSERT_TRUE(WriteFile(dir_ / "file", "x").ok());
  DataSetOptions options = Options();
  options.data_dir = dir_ / "file" / "data";
  const Result<DataSet> set = DataSet::Open(options);
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(set.error().message, HasSubstr("cannot create the folder " + (dir_ / "file" / "data").string()));
}

TEST(Synthesizer, SaysWhatToInstallWhenItIsMissing) {
  const Result<Synthesizer> synthesizer = Synthesizer::Open("espeak-ng-not-there");
  ASSERT_FALSE(synthesizer.ok());
  EXPECT_EQ(synthesizer.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(synthesizer.error().message, HasSubstr("apt-get install espeak-ng"));
}

TEST(Synthesizer, EveryVariantSpeaksWithItsOwnVoice) {
  const Result<Synthesizer> synthesizer = Synthesizer::Open();
  ASSERT_TRUE(synthesizer.ok()) << synthesizer.error().message;
  const std::filesystem::path scratch =
      std::filesystem::temp_directory_path() / ("photinus_speech_" + std::to_string(::getpid()));
  std::map<std::string, std::string> voice_of_sound;
  for (const Split split : kSplits) {
    for (const std::string_view variant : Variants(split)) {
      const Result<Wav> wav = synthesizer->Speak({"seven", "en-us+" + std::string(variant), 175, 50}, scratch);
      ASSERT_TRUE(wav.ok()) << wav.error().message;
      const auto [other, is_new] = voice_of_sound.emplace(EncodeWav(*wav), variant);
      EXPECT_TRUE(is_new) << variant << " sounds exactly like " << other->second;
    }
  }
  EXPECT_THAT(synthesizer->version(), Not("unknown"));
}

}  // namespace
}  // namespace photinus::data
