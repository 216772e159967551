#include "worker/data/audioset.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "worker/data/data_set.h"
#include "worker/data/event_clips.h"
#include "worker/data/folder_fixture.h"
#include "worker/data/text_lines.h"

namespace photinus::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kSpeech[] = "/m/00", kBark[] = "/m/05", kDog[] = "/m/04", kKnock[] = "/m/10", kSiren[] = "/m/14";

// The labels that the task is made of, and two others. The ids are made up, as the loader looks at names alone.
constexpr char kLabels[] = R"csv(index,mid,display_name
0,/m/00,"Speech"
1,/m/01,"Smoke detector, smoke alarm"
2,/m/02,"Fire alarm"
3,/m/03,"Baby cry, infant cry"
4,/m/04,"Dog"
5,/m/05,"Bark"
6,/m/06,"Yip"
7,/m/07,"Howl"
8,/m/08,"Bow-wow"
9,/m/09,"Growling"
10,/m/10,"Knock"
11,/m/11,"Doorbell"
12,/m/12,"Ding-dong"
13,/m/13,"Telephone bell ringing"
14,/m/14,"Siren"
15,/m/15,"Emergency vehicle"
16,/m/16,"Police car (siren)"
17,/m/17,"Ambulance (siren)"
18,/m/18,"Fire engine, fire truck (siren)"
19,/m/19,"Water tap, faucet"
20,/m/20,"Say ""hello"""
)csv";

constexpr char kTitle[] =
    "# Segments csv created Sun Mar  5 10:54:31 2017\n"
    "# num_ytids=22160, num_segs=22160, num_unique_labels=527, num_positive_labels=52882\n"
    "# YTID, start_seconds, end_seconds, positive_labels\n";

// A small folder in the published form: 40 training and 8 test clips, half of them with no event.
class AudioSetTest : public FolderTest {
 protected:
  AudioSetTest() {
    Write("class_labels_indices.csv", kLabels);
    train_ = test_ = kTitle;
    for (int i = 0; i < 40; ++i) Add(train_, "-train" + std::to_string(i), i % 2 == 0 ? kSpeech : kSiren, i % 7);
    for (int i = 0; i < 8; ++i) Add(test_, "test_" + std::to_string(i), i % 2 == 0 ? kSpeech : kBark, i % 3);
    Store();
  }

  // Adds a segment to a list, and its clip under one of the names that are understood; none: the clip is missing.
  void Add(std::string& list, const std::string& video, const std::string& labels, int spelling) {
    const std::string names[] = {
        video + "_30.000_40.000", video + "_30_40", video + "_30000_40000", video, "Y" + video + "_30.000_40.000",
        "Y" + video + "_30_40",   "Y" + video};
    list += video + ", 30.000, 40.000, \"" + labels + "\"\n";
    if (spelling >= 0) WriteTone("wav/" + names[spelling] + ".wav", 700, 0.1);
  }

  void Store() const {
    Write("balanced_train_segments.csv", train_);
    Write("eval_segments.csv", test_);
  }

  static std::map<int, size_t> Labels(const Recordings& found, Split split) {
    std::map<int, size_t> labels;
    for (const Recording& clip : found.Of(split)) ++labels[clip.label];
    return labels;
  }

  std::string train_, test_;
};

TEST(CsvFields, FollowsQuotes) {
  const auto fields = [](const char* text) { return CsvFields({text, "f:1"}); };
  EXPECT_THAT(*fields("a, b ,c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(*fields(R"(0,/m/1,"Say ""a, b""")"), ElementsAre("0", "/m/1", "Say \"a, b\""));
  EXPECT_THAT(*fields(R"(a, "", )"), ElementsAre("a", "", ""));
  EXPECT_EQ(fields(R"(a, "b)").error().message, "f:1: a quote (\") does not end");
  EXPECT_EQ(fields(R"("b" c)").error().message, "f:1: a comma is missing after \"b\"");
}

TEST_F(AudioSetTest, IsHalfNegativeInEverySplit) {
  const Result<Recordings> found = LoadAudioSet(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(found->notes, IsEmpty());
  for (const Split split : kSplits) {
    const std::map<int, size_t> labels = Labels(*found, split);
    ASSERT_EQ(labels.size(), 2u) << SplitName(split);
    EXPECT_EQ(labels.begin()->second, labels.at(kNegativeLabel)) << SplitName(split);
    EXPECT_EQ(EventClasses()[static_cast<size_t>(labels.begin()->first)], split == Split::kTest ? "dog" : "siren");
  }
  EXPECT_EQ(found->Of(Split::kTest).size(), 8u);
  EXPECT_GE(found->Of(Split::kTrain).size(), 20u);
}

TEST_F(AudioSetTest, CountsWhatIsMissingOrAmbiguous) {
  Add(train_, "gone0", kKnock, -1);
  Add(train_, "gone1", kKnock, -1);
  for (int i = 0; i < 20; ++i) Add(train_, "both" + std::to_string(i), std::string(kKnock) + "," + kSiren, 0);
  Add(train_, "same", std::string(kDog) + "," + kBark + "," + kSpeech, 0);  // one class
  Add(test_, "two", std::string(kKnock) + "," + kDog, 0);
  Store();
  const Result<Recordings> found = LoadAudioSet(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  const std::string train = (Clips() / "balanced_train_segments.csv").string();
  const size_t kept = Labels(*found, Split::kValidation)[3];
  EXPECT_GT(kept, 0u);
  EXPECT_LT(kept, 20u);
  const std::string several = " have labels of several classes and ";
  EXPECT_THAT(
      std::vector<std::string>(found->notes.begin(), found->notes.begin() + 4),
      ElementsAre(
          "2 of 63 clips of " + train + " are missing, the first is wav/gone0_30.000_40.000.wav",
          std::to_string(20 - kept) + " clips of " + train + several + "are left out of training",
          std::to_string(kept) + " clips of " + train + several + "count as the first one for validation",
          "1 clips of " + (Clips() / "eval_segments.csv").string() + several + "count as the first one for test"));
  EXPECT_EQ(Labels(*found, Split::kTrain).count(3), 0u) << "knock";
  EXPECT_EQ(Labels(*found, Split::kTest)[3], 1u);
}

TEST_F(AudioSetTest, RefusesATestClipThatTrainingHas) {
  Add(test_, "-train3", kBark, 3);
  Store();
  const auto loaded = LoadAudioSet(Clips(), 1);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().message,
            (Clips() / "eval_segments.csv").string() + ":12: -train3 is for test here, and for training at " +
                (Clips() / "balanced_train_segments.csv").string() + ":7; remove it from one of the lists");
}

TEST_F(AudioSetTest, RefusesATestClipOfATrainingVideo) {
  test_ += "-train3, 50.000, 60.000, \"" + std::string(kBark) + "\"\n";
  WriteTone("wav/-train3_50_60.wav", 300, 0.1);
  Store();
  const auto loaded = LoadAudioSet(Clips(), 1);
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, HasSubstr("eval_segments.csv:12: -train3 is for test here"));
}

TEST_F(AudioSetTest, CountsAClipOfBothTrainingListsOnce) {
  const size_t before = LoadAudioSet(Clips(), 1).value().Of(Split::kTrain).size();
  Write("unbalanced_train_segments.csv", train_);
  const Result<Recordings> found = LoadAudioSet(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->Of(Split::kTrain).size(), before);
  EXPECT_THAT(found->notes, ElementsAre("40 clips of " + (Clips() / "unbalanced_train_segments.csv").string() +
                                        " stand there or in an earlier list before, and count once"));
}

TEST_F(AudioSetTest, SaysWhereClipsWithoutAnEventAreFew) {
  for (int i = 0; i < 3; ++i) Add(test_, "more" + std::to_string(i), kBark, 0);
  Store();
  const Result<Recordings> found = LoadAudioSet(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(found->notes, ElementsAre("test has 7 clips of events but only 4 without one, and so less than half of "
                                        "it is negative"));
  EXPECT_EQ(Labels(*found, Split::kTest)[kNegativeLabel], 4u);
}

// Of so few videos a tenth may be none.
struct FewVideos {
  int videos;                // every second one with an event
  std::string event, other;  // what validation gets besides; empty: it has such a clip by a hash
};

class FewVideosTest : public AudioSetTest, public ::testing::WithParamInterface<FewVideos> {
 protected:
  FewVideosTest() {
    train_ = kTitle;
    for (int i = 0; i < GetParam().videos; ++i) {
      Add(train_, "few" + std::to_string(i), i % 2 == 0 ? kSpeech : kSiren, i % 3);
    }
    Store();
  }

  static std::string Note(const std::string& kind, const std::string& video) {
    return "one training video in ten, by a hash, is for validation; of these none has a clip " + kind +
           ", and so video " + video + " is for validation, too";
  }
};

TEST_P(FewVideosTest, AreInEverySplit) {
  const Result<Recordings> found = LoadAudioSet(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  const size_t rest = static_cast<size_t>(GetParam().videos) / 2 - 1;
  const int siren = 6;
  EXPECT_EQ(Labels(*found, Split::kTrain), (std::map<int, size_t>{{siren, rest}, {kNegativeLabel, rest}}));
  EXPECT_EQ(Labels(*found, Split::kValidation), (std::map<int, size_t>{{siren, 1}, {kNegativeLabel, 1}}));
  std::vector<std::string> notes;
  if (!GetParam().event.empty()) notes.push_back(Note("of an event", GetParam().event));
  if (!GetParam().other.empty()) notes.push_back(Note("without an event", GetParam().other));
  EXPECT_EQ(found->notes, notes);
}

INSTANTIATE_TEST_SUITE_P(Table, FewVideosTest,
                         ::testing::Values(FewVideos{4, "few1", "few2"}, FewVideos{10, "", "few8"}),
                         [](const auto& info) { return std::to_string(info.param.videos); });

TEST_F(AudioSetTest, LeavesTheClipsOfAVideoTogether) {
  train_ = kTitle;
  for (const char* video : {"few0", "few1", "few2", "few3"}) {
    Add(train_, video, kSiren, 0);
    train_ += std::string(video) + ", 50.000, 60.000, \"" + kSpeech + "\"\n";
    WriteTone("wav/" + std::string(video) + "_50_60.wav", 300, 0.1);
  }
  Store();
  const Result<Recordings> found = LoadAudioSet(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  std::vector<std::string> validation;
  for (const Recording& clip : found->Of(Split::kValidation)) validation.push_back(clip.path.filename());
  EXPECT_THAT(validation, ElementsAre("few2_30.000_40.000.wav", "few2_50_60.wav"));
  EXPECT_EQ(found->Of(Split::kTrain).size(), 6u);
  EXPECT_EQ(found->notes.size(), 1u);
}

TEST_F(AudioSetTest, SaysHowManyVideosItNeeds) {
  train_ = kTitle;
  Add(train_, "few0", kSpeech, 0);
  Add(train_, "few1", kSiren, 0);
  Store();
  EXPECT_EQ(LoadAudioSet(Clips(), 1).error().message,
            (Clips() / "wav").string() + " has no clip of an event for validation; put the training segments' clips, " +
                "of two such videos at least, there, named YTID_START_END.wav");
}

TEST_F(AudioSetTest, NeedsOneLabelOfAClassAndSaysWhichItLacks) {
  std::string labels = kLabels;
  for (const std::string name : {"Bow-wow", "Yip", "Ambulance (siren)"}) {
    labels.replace(labels.find(name), name.size(), "Other");
  }
  Write("class_labels_indices.csv", labels);
  const Result<Recordings> found = LoadAudioSet(Clips(), 1);
  ASSERT_TRUE(found.ok()) << found.error().message;
  const std::string file = (Clips() / "class_labels_indices.csv").string();
  EXPECT_THAT(found->notes, ElementsAre(file + " does not name \"Yip\", \"Bow-wow\" of class dog",
                                        file + " does not name \"Ambulance (siren)\" of class siren"));
}

TEST_F(AudioSetTest, BecomesADataSetOfTenSeconds) {
  DataSetOptions options;
  options.data_dir = dir_ / "data";
  options.task = "audioset";
  options.folder = Clips();
  options.frames = 49;
  const Result<DataSet> set = DataSet::Open(options);
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_EQ(set->Size(Split::kTest), 8u);
  EXPECT_EQ(set->frames(), 49);
  EXPECT_EQ(set->Classes().size(), 9u);
}

struct FormFault {
  const char* name;
  const char* file;
  const char* from;  // the first occurrence of this is replaced; empty: the file is removed
  const char* to;
  const char* message;
};

class AudioSetFaultTest : public AudioSetTest, public ::testing::WithParamInterface<FormFault> {};

TEST_P(AudioSetFaultTest, IsNamedWithItsLine) {
  const FormFault& fault = GetParam();
  if (*fault.from == '\0') {
    std::filesystem::remove_all(Clips() / fault.file);
  } else {
    std::string content = ReadFile(Clips() / fault.file).value();
    const size_t place = content.find(fault.from);
    ASSERT_NE(place, std::string::npos);
    Write(fault.file, content.replace(place, std::string(fault.from).size(), fault.to));
  }
  const Result<Recordings> found = LoadAudioSet(Clips(), 1);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(found.error().message, HasSubstr(fault.message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, AudioSetFaultTest,
    ::testing::Values(
        FormFault{"NoLabels", "class_labels_indices.csv", "", "", "class_labels_indices.csv is missing; AudioSet publ"},
        FormFault{
            "LabelLine", "class_labels_indices.csv", "4,/m/04,", "4,",
            "class_labels_indices.csv:6: expected INDEX,MID,\"NAME\", such as 0,/m/09x0r,\"Speech\"; found: 4,\"Dog"},
        FormFault{"ClassGone", "class_labels_indices.csv", "Knock", "Tap",
                  "class_labels_indices.csv names none of the labels of class knock: \"Knock\""},
        FormFault{"NoTrainingList", "balanced_train_segments.csv", "", "",
                  "balanced_train_segments.csv is missing; it lists the clips for training"},
        FormFault{"NoTestList", "eval_segments.csv", "", "",
                  "eval_segments.csv is missing; it lists the clips for test"},
        FormFault{"NoQuotes", "eval_segments.csv", "\"/m/00\"", "/m/00,/m/05",
                  "eval_segments.csv:4: expected YTID, START, END, \"MID,MID\", such as --aE2O5G5WE, 0.000, 10.000"},
        FormFault{"NoNumber", "eval_segments.csv", "30.000", "half", "eval_segments.csv:4: expected YTID, START, END"},
        FormFault{"EndsBeforeItBegins", "eval_segments.csv", "40.000", "20.000", "eval_segments.csv:4: expected YTID"},
        FormFault{"OpenQuote", "eval_segments.csv", "/m/00\"", "/m/00", "eval_segments.csv:4: a quote (\") does not"},
        FormFault{"UnknownLabel", "eval_segments.csv", "/m/00", "/m/99",
                  "eval_segments.csv:4: label \"/m/99\" does not stand in class_labels_indices.csv"},
        FormFault{"NoClips", "wav", "", "",
                  "has no clip of an event for train; put the training segments' clips, of two"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus::data
