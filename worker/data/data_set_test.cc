#include "worker/data/data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

#include "worker/base/file.h"
#include "worker/data/clip_store.h"
#include "worker/data/folder_fixture.h"
#include "worker/data/keyword_clip.h"
#include "worker/data/manifest.h"
#include "worker/data/sha256.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
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
    options.task = "smoke";
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
      options.task = "smoke";
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
  for (const char* name : {"manifest.tsv", "log-mel-49.features"}) {
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

TEST_F(DataSetTest, ATruncatedClipIsNamedWhenVerifyingAndNothingIsChanged) {
  CopyMadeSet();
  const std::filesystem::path clip = Folder() / "clips/train/yes/000000.wav";
  ASSERT_EQ(std::filesystem::file_size(clip), 32044u);
  std::filesystem::resize_file(clip, 1000);
  const Result<DataSet> set = DataSet::Open(Options(/*verify=*/true));
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(set.error().message, clip.string() +
                                     " is truncated: expected 32044 bytes, found 1000; delete it and run "
                                     "`photinus-trial data`");
  EXPECT_EQ(std::filesystem::file_size(clip), 1000u);
}

TEST_F(DataSetTest, ATrialTrustsWholeFeaturesWhateverHappenedToTheClips) {
  CopyMadeSet();
  std::filesystem::resize_file(Folder() / "clips/train/yes/000000.wav", 1000);
  std::filesystem::remove_all(Folder() / "clips/test");
  const Result<DataSet> set = DataSet::Open(Options());
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_FALSE(std::filesystem::exists(Folder() / "clips/test"));
}

TEST_F(DataSetTest, ATrialTrustsFeaturesThatStandAsTheyWereAndTheDataVerbReadsThem) {
  CopyMadeSet();
  ASSERT_TRUE(DataSet::Open(Options()).ok());
  const std::filesystem::path features = Folder() / "log-mel-49.features";
  AlterUnnoticed(features);
  EXPECT_TRUE(DataSet::Open(Options()).ok());
  const Result<DataSet> read = DataSet::Open(Options(/*verify=*/true));
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, HasSubstr(features.string() + " was altered"));
}

TEST_F(DataSetTest, ATrialThatNeedsTheClipsMakesDamagedOnesAgainWithAWarning) {
  CopyMadeSet();
  const std::filesystem::path cut = Folder() / "clips/train/yes/000000.wav";
  const std::filesystem::path altered = Folder() / "clips/test/no/000001.wav";
  const std::string features = Sha256(*ReadFile(Folder() / "log-mel-49.features"));
  const std::string cut_content = *ReadFile(cut), altered_content = *ReadFile(altered);
  std::filesystem::resize_file(cut, 1000);
  ASSERT_TRUE(WriteFile(altered, std::string(altered_content.size(), 'x')).ok());
  std::filesystem::remove(Folder() / "log-mel-49.features");
  std::vector<std::string> warnings;
  DataSetOptions options = Options();
  options.warn = [&warnings](const std::string& warning) { warnings.push_back(warning); };
  const Result<DataSet> set = DataSet::Open(options);
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_THAT(warnings, ElementsAre(cut.string() + " is truncated: expected 32044 bytes, found 1000 (and 1 other "
                                                   "clips); making it again"));
  EXPECT_EQ(*ReadFile(cut), cut_content);
  EXPECT_EQ(*ReadFile(altered), altered_content);
  EXPECT_EQ(Sha256(*ReadFile(Folder() / "log-mel-49.features")), features);
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

TEST_F(DataSetTest, ALostClipIsMadeAgainWhenVerifying) {
  CopyMadeSet();
  const std::filesystem::path clip = Folder() / "clips/test/no/000001.wav";
  const std::string content = *ReadFile(clip);
  std::filesystem::remove(clip);
  const Result<DataSet> set = DataSet::Open(Options(/*verify=*/true));
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_EQ(*ReadFile(clip), content);
}

TEST_F(DataSetTest, LostFeaturesAreComputedAgain) {
  CopyMadeSet();
  const std::string before = Sha256(*ReadFile(Folder() / "log-mel-49.features"));
  std::filesystem::remove(Folder() / "log-mel-49.features");
  ASSERT_TRUE(DataSet::Open(Options()).ok());
  EXPECT_EQ(Sha256(*ReadFile(Folder() / "log-mel-49.features")), before);
}

struct DamageCase {
  const char* name;
  const char* file;
  size_t keep;  // bytes kept; 0: all, one changed
  const char* message;
};

class DamageTest : public DataSetTest, public ::testing::WithParamInterface<DamageCase> {
 protected:
  static std::string Damaged(std::string content) {
    if (GetParam().keep > 0) {
      content.resize(GetParam().keep);
    } else {
      content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
    }
    return content;
  }
};

TEST_P(DamageTest, IsNamedWhenVerifyingAndStaysAsItIs) {
  CopyMadeSet();
  const std::filesystem::path path = Folder() / GetParam().file;
  const std::string damaged = Damaged(*ReadFile(path));
  ASSERT_TRUE(WriteFile(path, damaged).ok());
  const Result<DataSet> set = DataSet::Open(Options(/*verify=*/true));
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(set.error().message, HasSubstr(path.string() + GetParam().message));
  EXPECT_THAT(set.error().message, HasSubstr("; delete "));
  EXPECT_EQ(Sha256(*ReadFile(path)), Sha256(damaged));
}

TEST_P(DamageTest, IsRepairedWithAWarning) {
  CopyMadeSet();
  const std::filesystem::path path = Folder() / GetParam().file;
  const std::string whole = *ReadFile(path);
  ASSERT_TRUE(WriteFile(path, Damaged(whole)).ok());
  std::string warnings;
  DataSetOptions options = Options();
  options.warn = [&warnings](const std::string& warning) { warnings += warning + "\n"; };
  const Result<DataSet> set = DataSet::Open(options);
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_THAT(warnings, HasSubstr(path.string() + GetParam().message));
  EXPECT_THAT(warnings, EndsWith("; making it again\n"));
  EXPECT_EQ(Sha256(*ReadFile(path)), Sha256(whole));
}

INSTANTIATE_TEST_SUITE_P(
    Table, DamageTest,
    ::testing::Values(DamageCase{"ManifestCut", "manifest.tsv", 1000, " was cut or altered"},
                      DamageCase{"FeaturesCut", "log-mel-49.features", 5000, " is truncated: expected"},
                      DamageCase{"FeaturesCutInTheHeader", "log-mel-49.features", 50, " is truncated"},
                      DamageCase{"FeaturesAltered", "log-mel-49.features", 0, " was altered"}),
    [](const auto& info) { return info.param.name; });

TEST_F(DataSetTest, ADamagedManifestIsNamedWhenVerifyingAndNothingIsChanged) {
  CopyMadeSet();
  const std::filesystem::path manifest = Folder() / "manifest.tsv";
  std::filesystem::resize_file(manifest, 1000);
  const Result<DataSet> set = DataSet::Open(Options(/*verify=*/true));
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(set.error().message, manifest.string() + " was cut or altered; delete the folder " + Folder().string() +
                                     " and run `photinus-trial data` to make the data set again");
  EXPECT_EQ(std::filesystem::file_size(manifest), 1000u);
}

TEST_F(DataSetTest, FeaturesOfOtherClipsAreRefused) {
  CopyMadeSet();
  const Result<FeatureFile> file = FeatureFile::Open(Folder() / "log-mel-49.features", std::string(64, '0'));
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

class InterruptedTest : public DataSetTest {
 protected:
  // Makes the first clips of a set, as if the process had been killed then, and damages one of them.
  InterruptedTest() {
    DataSetOptions options = Options();
    int asked = 0;
    options.threads = 1;
    options.stop = [&asked] { return ++asked > 5; };
    const Result<DataSet> stopped = DataSet::Open(options);
    EXPECT_EQ(stopped.error().message, "stopped");
    EXPECT_FALSE(std::filesystem::exists(Folder() / "manifest.tsv"));
    std::filesystem::resize_file(second_, 1000);
    first_file_ = FileNumber(first_);
  }

  // A file that is written anew gets another number, as the old one exists until then.
  static ino_t FileNumber(const std::filesystem::path& path) {
    struct stat status = {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_ino;
  }

  std::filesystem::path Clip(int index) const { return Folder() / MakeRecipe(1, Split::kTrain, index).path; }

  const std::filesystem::path first_ = Clip(0), second_ = Clip(1);
  ino_t first_file_ = 0;
};

TEST_F(InterruptedTest, TheNextMakingKeepsWholeClipsAndRemovesTemporaries) {
  const std::vector<std::filesystem::path> temporaries = {
      Folder() / "word.123.0", Folder() / "log-mel-49.features.123.tmp", first_.string() + ".123.tmp"};
  for (const std::filesystem::path& path : temporaries) ASSERT_TRUE(WriteFile(path, "x").ok());
  ASSERT_TRUE(DataSet::Open(Options()).ok());
  for (const std::filesystem::path& path : temporaries) EXPECT_FALSE(std::filesystem::exists(path)) << path;
  EXPECT_EQ(FileNumber(first_), first_file_);
  EXPECT_EQ(std::filesystem::file_size(second_), 32044u);
  const std::string features = Sha256(*ReadFile(Folder() / "log-mel-49.features"));
  std::filesystem::remove_all(Folder());
  CopyMadeSet();
  EXPECT_EQ(Sha256(*ReadFile(Folder() / "log-mel-49.features")), features) << "the same as made in one go";
}

TEST_F(InterruptedTest, ClipsOfAnotherSynthesizerAreNotKept) {
  const std::filesystem::path title = Folder() / "unfinished.txt";
  ASSERT_TRUE(ReadFile(title).ok());
  ASSERT_TRUE(WriteFile(title, "another").ok());
  const std::filesystem::path stranger = Folder() / "clips" / "stranger";
  ASSERT_TRUE(WriteFile(stranger, "x").ok());
  ASSERT_TRUE(DataSet::Open(Options()).ok());
  EXPECT_FALSE(std::filesystem::exists(stranger));
  EXPECT_FALSE(std::filesystem::exists(title));
}

TEST_F(DataSetTest, AnUnknownTaskIsAnsweredWithTheKnownOnes) {
  DataSetOptions options = Options();
  options.task = "keyword";
  const Result<DataSet> set = DataSet::Open(options);
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().message,
            "unknown task \"keyword\"; known are: keywords, events, speech-commands, audioset, smoke, events-smoke");
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
