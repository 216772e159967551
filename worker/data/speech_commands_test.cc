#include "worker/data/speech_commands.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "worker/data/data_set.h"
#include "worker/data/folder_fixture.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A small folder in the published layout: ten keywords of 3 clips for training and one for each other split, two other
// words of twice as many.
class SpeechCommandsTest : public FolderTest {
 protected:
  SpeechCommandsTest() {
    std::string validation, testing;
    for (int word = 0; word < 12; ++word) {
      const std::string name = word < kKeywordCount ? std::string(KeywordClasses()[static_cast<size_t>(word)])
                               : word == 10         ? "bed"
                                                    : "cat";
      const int copies = word < kKeywordCount ? 1 : 2;
      for (int clip = 0; clip < 5 * copies; ++clip) {
        const std::string file = name + "/" + std::to_string(clip) + "a7c2a8d_nohash_0.wav";
        WriteTone(file, 300 + 100 * word, 1);
        if (clip % 5 == 3) validation += file + "\n";
        if (clip % 5 == 4) testing += file + "\r\n";
      }
    }
    Write("validation_list.txt", validation);
    Write("testing_list.txt", testing);
    Write("_background_noise_/README.md", "Where the noise is from");
    WriteTone("_background_noise_/hum.wav", 50, 20);
    Write("LICENSE", "CC BY 4.0");
  }

  DataSetOptions Options() const {
    DataSetOptions options;
    options.data_dir = dir_ / "data";
    options.task = "speech-commands";
    options.folder = Clips();
    return options;
  }
};

TEST_F(SpeechCommandsTest, FollowsTheListsAndDrawsUnknownWordsAndSilence) {
  const Result<Recordings> found = LoadSpeechCommands(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(found->notes, IsEmpty());
  const std::map<Split, size_t> per_class = {{Split::kTrain, 3}, {Split::kValidation, 1}, {Split::kTest, 1}};
  for (const auto& [split, count] : per_class) {
    std::map<int, size_t> labels;
    for (const Recording& clip : found->Of(split)) {
      ++labels[clip.label];
      if (clip.label == kSilenceLabel) continue;
      const std::string word = clip.path.parent_path().filename();
      EXPECT_EQ(clip.label == kUnknownLabel, word == "bed" || word == "cat") << clip.path;
      if (clip.label != kUnknownLabel) {
        EXPECT_EQ(KeywordClasses()[static_cast<size_t>(clip.label)], word);
      }
      const int number = (clip.path.filename().string()[0] - '0') % 5;
      EXPECT_EQ(split, number == 3 ? Split::kValidation : number == 4 ? Split::kTest : Split::kTrain) << clip.path;
    }
    EXPECT_EQ(labels.size(), 12u);
    for (const auto& [label, clips] : labels) EXPECT_EQ(clips, count) << label;
  }
}

class BackgroundTest : public SpeechCommandsTest, public ::testing::WithParamInterface<int> {};  // of so many seconds

TEST_P(BackgroundTest, GivesEachSplitSilenceFromAPartOfItsOwn) {
  const size_t seconds = static_cast<size_t>(GetParam());
  WriteTone("_background_noise_/hum.wav", 50, GetParam());
  std::map<Split, std::pair<size_t, size_t>> extent;  // first and last sample used
  for (const Split split : kSplits) extent[split] = {SIZE_MAX, 0};
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const Recordings found = LoadSpeechCommands(Clips(), seed).value();
    for (const Split split : kSplits) {
      for (const Recording& clip : found.Of(split)) {
        if (clip.label != kSilenceLabel) continue;
        extent[split].first = std::min(extent[split].first, clip.offset);
        extent[split].second = std::max(extent[split].second, clip.offset + 16000);
      }
    }
  }
  const size_t held_back = std::max<size_t>(1600 * seconds, 16000), size = 16000 * seconds;
  EXPECT_LE(extent[Split::kTrain].second, size - 2 * held_back);
  EXPECT_GE(extent[Split::kValidation].first, size - 2 * held_back);
  EXPECT_LE(extent[Split::kValidation].second, size - held_back);
  EXPECT_GE(extent[Split::kTest].first, size - held_back);
  EXPECT_LE(extent[Split::kTest].second, size);
}

INSTANTIATE_TEST_SUITE_P(Seconds, BackgroundTest, ::testing::Values(3, 5, 20));

TEST_F(SpeechCommandsTest, ChoosesUnknownWordsBySeed) {
  const auto unknown = [this](uint64_t seed) {
    std::set<std::string> paths;
    const Recordings found = LoadSpeechCommands(Clips(), seed).value();
    for (const Recording& clip : found.Of(Split::kTrain)) {
      if (clip.label == kUnknownLabel) paths.insert(clip.path.string());
    }
    return paths;
  };
  EXPECT_EQ(unknown(1), unknown(1));
  std::set<std::set<std::string>> choices;
  for (uint64_t seed = 1; seed <= 4; ++seed) choices.insert(unknown(seed));
  EXPECT_GT(choices.size(), 1u);
}

// One speaker's files have equal names in every folder of a word.
TEST(Sample, ChoosesAmongWordsAndSpeakersAlike) {
  std::vector<Recording> clips;
  for (int word = 0; word < 10; ++word) {
    for (int speaker = 0; speaker < 10; ++speaker) {
      const std::string file = std::to_string(speaker) + "a7c2a8d_nohash_0.wav";
      clips.push_back({kUnknownLabel, std::filesystem::path("/clips") / ("word" + std::to_string(word)) / file});
    }
  }
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<Recording> sample = Sample(clips, 20, seed);
    ASSERT_EQ(sample.size(), 20u);
    std::set<std::string> words, speakers;
    for (const Recording& clip : sample) {
      words.insert(clip.path.parent_path().filename());
      speakers.insert(clip.path.filename());
    }
    EXPECT_GE(words.size(), 5u) << "seed " << seed;
    EXPECT_GE(speakers.size(), 5u) << "seed " << seed;
  }
}

TEST_F(SpeechCommandsTest, PassesOverWhatCannotBeLookedAt) {
  std::filesystem::create_symlink("loop", Clips() / "loop");
  const Result<Recordings> found = LoadSpeechCommands(Clips(), 1);
  EXPECT_TRUE(found.ok()) << found.error().message;
}

TEST_F(SpeechCommandsTest, PassesOverAByteOrderMark) {
  const std::string list = ReadFile(Clips() / "validation_list.txt").value();
  Write("validation_list.txt", "\xEF\xBB\xBF" + list);
  const Result<Recordings> found = LoadSpeechCommands(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(found->notes, IsEmpty());
}

TEST_F(SpeechCommandsTest, NeedsClipsOfEveryKeywordToLearnFrom) {
  for (int clip = 0; clip < 5; ++clip) {
    std::filesystem::remove(Clips() / "stop" / (std::to_string(clip) + "a7c2a8d_nohash_0.wav"));
  }
  const Result<Recordings> found = LoadSpeechCommands(Clips(), 1);
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.error().message, HasSubstr((Clips() / "stop").string() + " has no WAV file for training"));
}

TEST_F(SpeechCommandsTest, SaysWhichKeywordsASplitLacks) {
  for (const char* word : {"yes", "go"}) std::filesystem::remove(Clips() / word / "4a7c2a8d_nohash_0.wav");
  const Result<Recordings> found = LoadSpeechCommands(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(found->notes, ::testing::Contains("test has no clip of yes, go"));
}

TEST_F(SpeechCommandsTest, CountsWhatIsListedAndMissing) {
  std::filesystem::remove(Clips() / "yes/3a7c2a8d_nohash_0.wav");
  std::filesystem::remove(Clips() / "cat/8a7c2a8d_nohash_0.wav");
  const Result<Recordings> found = LoadSpeechCommands(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(found->notes, ElementsAre("2 of 14 clips of " + (Clips() / "validation_list.txt").string() +
                                            " are missing, the first is yes/3a7c2a8d_nohash_0.wav",
                                        "validation has no clip of yes"));
}

TEST_F(SpeechCommandsTest, FitsEveryClipIntoASecond) {
  WriteTone("yes/0a7c2a8d_nohash_0.wav", 1000, 0.5, 8000);  // resampled, and placed in the middle
  WriteTone("yes/1a7c2a8d_nohash_0.wav", 1000, 2);          // cut
  const RecordedClips clips(LoadSpeechCommands(Clips(), 1).value(), 16000);
  const Recordings found = LoadSpeechCommands(Clips(), 1).value();
  for (size_t i = 0; i < clips.Size(Split::kTrain); ++i) {
    const std::vector<float> clip = clips.Clip(Split::kTrain, i).value();
    ASSERT_EQ(clip.size(), 16000u);
    const auto loud = std::count_if(clip.begin(), clip.end(), [](float sample) { return std::abs(sample) > 0.01f; });
    const std::filesystem::path& path = found.Of(Split::kTrain)[i].path;
    if (path.filename() == "0a7c2a8d_nohash_0.wav" && path.parent_path().filename() == "yes") {
      EXPECT_NEAR(static_cast<double>(loud), 7500, 500);
      EXPECT_EQ(clip[3000], 0.0f);
      EXPECT_EQ(clip[13000], 0.0f);
    } else if (clips.Label(Split::kTrain, i) != kSilenceLabel) {
      EXPECT_GT(loud, 13000) << path;
    }
  }
}

TEST_F(SpeechCommandsTest, BecomesADataSetThatFollowsItsFolder) {
  size_t made = 0;
  DataSetOptions options = Options();
  options.progress = [&](std::string_view, size_t, size_t) { ++made; };
  std::vector<std::string> warnings;
  options.warn = [&](const std::string& warning) { warnings.push_back(warning); };
  const Result<DataSet> set = DataSet::Open(options);
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_EQ(set->Size(Split::kTrain), 36u);
  EXPECT_EQ(set->Size(Split::kTest), 12u);
  EXPECT_EQ(set->Classes().size(), 12u);
  EXPECT_EQ(set->frames(), 49);
  EXPECT_GT(made, 0u);

  made = 0;
  ASSERT_TRUE(DataSet::Open(options).ok());
  EXPECT_EQ(made, 0u) << "the second trial finds the features";

  WriteTone("yes/5a7c2a8d_nohash_0.wav", 500, 1);
  ASSERT_TRUE(DataSet::Open(options).ok());
  EXPECT_EQ(DataSet::Open(options)->Size(Split::kTrain), 37u) << "a new file is noticed";
  EXPECT_THAT(warnings, IsEmpty());

  Write("yes/5a7c2a8d_nohash_0.wav", "RIFF");
  options.verify = true;
  EXPECT_THAT(DataSet::Open(options).error().message, HasSubstr("yes/5a7c2a8d_nohash_0.wav is truncated"));
}

// As on another machine whose clips lie elsewhere and were copied later, and which has the same data folder.
TEST_F(SpeechCommandsTest, IsOneDataSetWhereverItsFolderLies) {
  DataSetOptions options = Options();
  const Result<DataSet> here = DataSet::Open(options);
  ASSERT_TRUE(here.ok()) << here.error().message;
  options.folder = dir_ / "copy";
  std::filesystem::copy(Clips(), options.folder, std::filesystem::copy_options::recursive);
  const Result<DataSet> there = DataSet::Open(options);
  ASSERT_TRUE(there.ok()) << there.error().message;
  EXPECT_EQ(there->Digest(), here->Digest()) << "a checkpoint may travel";

  std::filesystem::remove_all(Clips());
  std::filesystem::rename(options.folder, Clips());
  options.folder = Clips();
  size_t made = 0;
  options.progress = [&](std::string_view, size_t, size_t) { ++made; };
  ASSERT_TRUE(DataSet::Open(options).ok());
  EXPECT_EQ(made, 0u) << "a later copy in its place";
}

TEST_F(SpeechCommandsTest, TrustsFeaturesThatStandAsTheyWereAndReadsThemWhenVerifying) {
  DataSetOptions options = Options();
  ASSERT_TRUE(DataSet::Open(options).ok());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options.data_dir)) {
    if (entry.path().extension() == ".features") AlterUnnoticed(entry.path());
  }
  EXPECT_TRUE(DataSet::Open(options).ok());
  options.verify = true;
  EXPECT_THAT(DataSet::Open(options).error().message, HasSubstr("was altered: its SHA-256 does not match"));
}

TEST_F(SpeechCommandsTest, NeedsItsFolder) {
  DataSetOptions options = Options();
  options.folder = dir_ / "nowhere";
  const Result<DataSet> set = DataSet::Open(options);
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().code, ErrorCode::kNotFound) << "this machine's fault: another may have it";
  EXPECT_THAT(set.error().message, HasSubstr("cannot read the folder " + options.folder.string()));
  options.folder.clear();
  EXPECT_THAT(DataSet::Open(options).error().message, HasSubstr("speech-commands needs the folder of its clips"));
}

struct LayoutFault {
  const char* name;
  std::function<void(const std::filesystem::path&)> damage;
  const char* message;
};

class SpeechCommandsFaultTest : public SpeechCommandsTest, public ::testing::WithParamInterface<LayoutFault> {};

TEST_P(SpeechCommandsFaultTest, IsNamed) {
  GetParam().damage(Clips());
  const Result<Recordings> found = LoadSpeechCommands(Clips(), 1);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(found.error().message, HasSubstr(GetParam().message));
}

// Replaces a list's content.
auto List(const char* name, const char* content) {
  return [=](const std::filesystem::path& folder) { EXPECT_TRUE(WriteFile(folder / name, content).ok()); };
}

auto Remove(const char* name) {
  return [=](const std::filesystem::path& folder) { std::filesystem::remove_all(folder / name); };
}

INSTANTIATE_TEST_SUITE_P(
    Table, SpeechCommandsFaultTest,
    ::testing::Values(
        LayoutFault{"NoKeyword", Remove("left"), "has no folder \"left\"; a Speech Commands folder has one folder of"},
        LayoutFault{"NoList", Remove("testing_list.txt"),
                    "testing_list.txt is missing; it lists the clips for test, one to a line, such as bed/"},
        LayoutFault{
            "NoClip", List("validation_list.txt", "\nyes\n"),
            "validation_list.txt:2: \"yes\" is no clip; write WORD/FILE.wav, such as bed/0a7c2a8d_nohash_0.wav"},
        LayoutFault{"InBothLists", List("testing_list.txt", "yes/3a7c2a8d_nohash_0.wav\n"),
                    "testing_list.txt:1: yes/3a7c2a8d_nohash_0.wav is for validation too; remove it from one"},
        LayoutFault{"EmptyList", List("testing_list.txt", ""), "has no clip of a keyword for test"},
        LayoutFault{"NoOtherWord", [](const auto& folder) { Remove("bed")(folder), Remove("cat")(folder); },
                    "has no clip of another word for train"},
        LayoutFault{"NoBackground", Remove("_background_noise_"), "_background_noise_ has no WAV file; class silence"},
        LayoutFault{"ShortBackground",
                    [](const auto& folder) {
                      const Wav short_hum{16000, std::vector<int16_t>(47999)};
                      EXPECT_TRUE(WriteFile(folder / "_background_noise_/hum.wav", EncodeWav(short_hum)).ok());
                    },
                    "hum.wav is shorter than 3 s, too short to cut silence for three splits"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus::data
