#include "worker/data/audioset.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "worker/data/event_clips.h"
#include "worker/data/random.h"
#include "worker/data/text_lines.h"

namespace photinus::data {
namespace {

constexpr char kLabels[] = "class_labels_indices.csv";
constexpr char kSegmentForm[] =
    "YTID, START, END, \"MID,MID\", such as --aE2O5G5WE, 0.000, 10.000, \"/m/03fwl,/m/04rlf\"";
constexpr uint64_t kValidationVideos = 10;  // of training, one in so many

struct NamedClass {
  std::string_view name;  // AudioSet's display name
  std::string_view event;
};

// The labels that the events are made of. Their parents in the ontology (Alarm, Door, Telephone, Water) say too little.
constexpr NamedClass kClasses[] = {
    {"Smoke detector, smoke alarm", "alarm"},
    {"Fire alarm", "alarm"},
    {"Baby cry, infant cry", "baby"},
    {"Dog", "dog"},
    {"Bark", "dog"},
    {"Yip", "dog"},
    {"Howl", "dog"},
    {"Bow-wow", "dog"},
    {"Growling", "dog"},
    {"Knock", "knock"},
    {"Doorbell", "doorbell"},
    {"Ding-dong", "doorbell"},
    {"Telephone bell ringing", "phone"},
    {"Siren", "siren"},
    {"Emergency vehicle", "siren"},
    {"Police car (siren)", "siren"},
    {"Ambulance (siren)", "siren"},
    {"Fire engine, fire truck (siren)", "siren"},
    {"Water tap, faucet", "water"},
};

int LabelOf(std::string_view display_name) {
  for (const NamedClass& named : kClasses) {
    if (named.name != display_name) continue;
    for (size_t i = 0; i < EventClasses().size(); ++i) {
      if (EventClasses()[i] == named.event) return static_cast<int>(i);
    }
  }
  return kNegativeLabel;
}

using LabelOfMid = std::map<std::string, int>;

Error Missing(const std::filesystem::path& path, const std::string& what) {
  return InvalidArgument(path.string() + " is missing; " + what);
}

using Names = std::set<std::string, std::less<>>;

// Checks that each class has one of its labels at least; those that are missing stand in the notes.
Result<void> CheckNames(const std::filesystem::path& path, const Names& found, std::vector<std::string>& notes) {
  for (const std::string_view event : EventClasses()) {
    std::string missing;
    size_t labels = 0, count = 0;
    for (const NamedClass& named : kClasses) {
      if (named.event != event) continue;
      ++labels;
      if (found.contains(named.name)) continue;
      missing += (count++ == 0 ? "\"" : ", \"") + std::string(named.name) + "\"";
    }
    if (count == 0) continue;
    const std::string of_class = " of class " + std::string(event);
    if (count == labels)
      return InvalidArgument(path.string() + " names none of the labels" + of_class + ": " + missing);
    notes.push_back(path.string() + " does not name " + missing + of_class);
  }
  return {};
}

Result<LabelOfMid> ReadLabels(const std::filesystem::path& path, std::vector<std::string>& notes) {
  const Result<std::vector<TextLine>> lines = ReadLines(path);
  if (!lines.ok() && lines.error().code == ErrorCode::kNotFound) {
    return Missing(path, "AudioSet publishes it beside its lists of segments");
  }
  if (!lines.ok()) return lines.error();
  LabelOfMid labels;
  Names found;
  for (const TextLine& line : *lines) {
    PHOTINUS_ASSIGN_OR_RETURN(const std::vector<std::string> fields, CsvFields(line));
    if (fields.size() != 3) {
      return InvalidArgument(line.place +
                             ": expected INDEX,MID,\"NAME\", such as 0,/m/09x0r,\"Speech\"; found: " + line.text);
    }
    if (fields[1] == "mid") continue;  // the title
    labels[fields[1]] = LabelOf(fields[2]);
    found.insert(fields[2]);
  }
  PHOTINUS_RETURN_IF_ERROR(CheckNames(path, found, notes));
  return labels;
}

std::set<std::string> NamesOf(const std::vector<std::filesystem::path>& files) {
  std::set<std::string> names;
  for (const std::filesystem::path& file : files) names.insert(file.filename().string());
  return names;
}

// One line of a list of segments.
struct Segment {
  std::string video;
  std::string start, end;   // seconds, as written
  std::vector<int> labels;  // positive classes, in the order of the list, each once
};

std::optional<double> Number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc() || stop != end || !(value >= 0)) return std::nullopt;
  return value;
}

Result<Segment> ParseSegment(const TextLine& line, const LabelOfMid& label_of_mid) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<std::string> fields, CsvFields(line));
  const bool complete = fields.size() == 4 && !fields[0].empty() && !fields[3].empty();
  const std::optional<double> start = complete ? Number(fields[1]) : std::nullopt;
  const std::optional<double> end = complete ? Number(fields[2]) : std::nullopt;
  if (!start || !end || *end <= *start) {
    return InvalidArgument(line.place + ": expected " + kSegmentForm + "; found: " + line.text);
  }
  Segment segment{fields[0], fields[1], fields[2], {}};
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<std::string> mids, CsvFields({fields[3], line.place}));
  for (const std::string& mid : mids) {
    const auto known = label_of_mid.find(mid);
    if (known == label_of_mid.end()) {
      return InvalidArgument(line.place + ": label \"" + mid + "\" does not stand in " + kLabels);
    }
    const bool seen = std::find(segment.labels.begin(), segment.labels.end(), known->second) != segment.labels.end();
    if (known->second != kNegativeLabel && !seen) segment.labels.push_back(known->second);
  }
  return segment;
}

// The name of a segment's file among those there are, as one tool or another writes it; empty if it is missing.
std::string FileOf(const Segment& segment, const std::set<std::string>& names) {
  const double start = Number(segment.start).value_or(0), end = Number(segment.end).value_or(0);
  const auto whole = [](double value) { return std::to_string(std::llround(value)); };
  const std::string spellings[] = {segment.start + "_" + segment.end, whole(start) + "_" + whole(end),
                                   whole(1000 * start) + "_" + whole(1000 * end)};
  std::vector<std::string> candidates;
  for (const std::string& video : {segment.video, "Y" + segment.video}) {
    for (const std::string& spelling : spellings) candidates.push_back(video + "_" + spelling + ".wav");
    candidates.push_back(video + ".wav");
  }
  const auto found =
      std::find_if(candidates.begin(), candidates.end(), [&](const std::string& name) { return names.contains(name); });
  return found == candidates.end() ? std::string() : *found;
}

// A clip that there is, and the video that it was cut from.
struct VideoClip {
  std::string video;
  Recording recording;
};

uint64_t HashOf(const std::string& video) { return DeriveSeed(0, video, 0); }

// Of at least two videos the one with the smallest hash.
std::optional<std::string> FirstOfSeveral(const std::vector<VideoClip>& clips) {
  std::map<uint64_t, std::string> videos;
  for (const VideoClip& clip : clips) videos.emplace(HashOf(clip.video), clip.video);
  if (videos.size() < 2) return std::nullopt;
  return videos.begin()->second;
}

class Loader {
 public:
  Loader(std::filesystem::path folder, LabelOfMid labels, std::vector<std::string> notes)
      : folder_(std::move(folder)), label_of_mid_(std::move(labels)), names_(NamesOf(WavFiles(folder_ / "wav"))) {
    found_.notes = std::move(notes);
  }

  // test: the list is for test, otherwise for training and validation.
  Result<void> ReadSegments(const std::string& list, bool test) {
    const std::filesystem::path path = folder_ / list;
    PHOTINUS_ASSIGN_OR_RETURN(const std::vector<TextLine> lines, ReadLines(path));
    size_t missing = 0, repeated = 0, left_out = 0, ambiguous = 0;  // the latter two have labels of several classes
    std::string first;
    for (const TextLine& line : lines) {
      PHOTINUS_ASSIGN_OR_RETURN(const Segment segment, ParseSegment(line, label_of_mid_));
      const std::string file = FileOf(segment, names_);
      if (file.empty()) {
        if (missing++ == 0) first = segment.video + "_" + segment.start + "_" + segment.end + ".wav";
        continue;
      }
      PHOTINUS_ASSIGN_OR_RETURN(const bool is_new, TakeFile(file, segment.video, line, test));
      if (!is_new) {
        ++repeated;
        continue;
      }
      const Split split = test ? Split::kTest : SplitOf(segment.video);
      const bool several = segment.labels.size() > 1;
      if (several && split == Split::kTrain) {
        ++left_out;
        continue;
      }
      if (several) ++ambiguous;
      Add(split, segment, file);
    }
    if (missing > 0) {
      found_.notes.push_back(std::to_string(missing) + " of " + std::to_string(lines.size()) + " clips of " +
                             path.string() + " are missing, the first is wav/" + first);
    }
    if (repeated > 0) {
      found_.notes.push_back(std::to_string(repeated) + " clips of " + path.string() +
                             " stand there or in an earlier list before, and count once");
    }
    const std::string clips = " clips of " + path.string() + " have labels of several classes and ";
    if (left_out > 0) found_.notes.push_back(std::to_string(left_out) + clips + "are left out of training");
    if (ambiguous > 0) {
      found_.notes.push_back(std::to_string(ambiguous) + clips + "count as the first one for " +
                             std::string(SplitName(test ? Split::kTest : Split::kValidation)));
    }
    return {};
  }

  Result<Recordings> Finish(uint64_t seed) && {
    for (const Kind kind : {kEvents, kOthers}) FillValidation(kind);
    for (const Split split : kSplits) {
      std::vector<Recording> events = Take(kEvents, split), others = Take(kOthers, split);
      if (events.empty() || others.empty()) return Lacks(split, events.empty() ? kEvents : kOthers);
      if (others.size() < events.size()) {
        found_.notes.push_back(std::string(SplitName(split)) + " has " + std::to_string(events.size()) +
                               " clips of events but only " + std::to_string(others.size()) +
                               " without one, and so less than half of it is negative");
      }
      const std::vector<Recording> sample = Sample(std::move(others), events.size(), seed);
      found_.Of(split) = std::move(events);
      found_.Of(split).insert(found_.Of(split).end(), sample.begin(), sample.end());
    }
    return std::move(found_);
  }

 private:
  // Where a file or a video was first named, and what for.
  struct Use {
    bool test;
    std::string place;
  };
  using Uses = std::map<std::string, Use>;

  static Result<void> CheckUse(const Uses& uses, const std::string& name, const TextLine& line, bool test) {
    const auto found = uses.find(name);
    if (found == uses.end() || found->second.test == test) return {};
    const char* const purposes[] = {"training", "test"};
    return InvalidArgument(line.place + ": " + name + " is for " + purposes[test] + " here, and for " +
                           purposes[!test] + " at " + found->second.place + "; remove it from one of the lists");
  }

  // False: an earlier line has taken the file for the same purpose. InvalidArgument: it, or another clip of its video,
  // is for the other one, so that training would see the test.
  Result<bool> TakeFile(const std::string& file, const std::string& video, const TextLine& line, bool test) {
    PHOTINUS_RETURN_IF_ERROR(CheckUse(videos_, video, line, test));
    PHOTINUS_RETURN_IF_ERROR(CheckUse(files_, file, line, test));
    videos_.emplace(video, Use{test, line.place});
    return files_.emplace(file, Use{test, line.place}).second;
  }

  enum Kind { kEvents, kOthers };
  static constexpr const char* kKindNames[] = {"of an event", "without an event"};

  static Split SplitOf(const std::string& video) {
    return HashOf(video) % kValidationVideos == 0 ? Split::kValidation : Split::kTrain;
  }

  std::vector<VideoClip>& Of(Kind kind, Split split) { return clips_[kind][static_cast<size_t>(split)]; }

  void Add(Split split, const Segment& segment, const std::string& file) {
    const int label = segment.labels.empty() ? kNegativeLabel : segment.labels.front();
    Of(label == kNegativeLabel ? kOthers : kEvents, split)
        .push_back({segment.video, {label, folder_ / "wav" / file, nullptr, 0, 1}});
  }

  // Moves a video from training to validation where that has no clip of a kind, as hashes of few videos may have it.
  void FillValidation(Kind kind) {
    if (!Of(kind, Split::kValidation).empty()) return;
    const std::optional<std::string> video = FirstOfSeveral(Of(kind, Split::kTrain));
    if (!video) return;
    for (const Kind of_video : {kEvents, kOthers}) {
      std::vector<VideoClip>& train = Of(of_video, Split::kTrain);
      const auto moved = std::stable_partition(train.begin(), train.end(),
                                               [&](const VideoClip& clip) { return clip.video != *video; });
      std::vector<VideoClip>& validation = Of(of_video, Split::kValidation);
      validation.insert(validation.end(), moved, train.end());
      train.erase(moved, train.end());
    }
    found_.notes.push_back("one training video in ten, by a hash, is for validation; of these none has a clip " +
                           std::string(kKindNames[kind]) + ", and so video " + *video + " is for validation, too");
  }

  std::vector<Recording> Take(Kind kind, Split split) {
    std::vector<Recording> recordings;
    for (VideoClip& clip : Of(kind, split)) recordings.push_back(std::move(clip.recording));
    return recordings;
  }

  Error Lacks(Split split, Kind kind) const {
    const std::string clips = split == Split::kTest ? "the clips of eval_segments.csv"
                                                    : "the training segments' clips, of two such videos at least,";
    return InvalidArgument((folder_ / "wav").string() + " has no clip " + kKindNames[kind] + " for " +
                           std::string(SplitName(split)) + "; put " + clips + " there, named YTID_START_END.wav");
  }

  const std::filesystem::path folder_;
  const LabelOfMid label_of_mid_;
  const std::set<std::string> names_;
  Uses files_, videos_;
  std::array<std::array<std::vector<VideoClip>, std::size(kSplits)>, 2> clips_;  // by Kind
  Recordings found_;                                                             // notes alone, until Finish
};

}  // namespace

Result<Recordings> LoadAudioSet(const std::filesystem::path& folder, uint64_t seed) {
  std::error_code fault;
  if (!std::filesystem::is_directory(folder, fault)) return NotFound("there is no folder " + folder.string());
  std::vector<std::string> notes;
  PHOTINUS_ASSIGN_OR_RETURN(LabelOfMid labels, ReadLabels(folder / kLabels, notes));
  Loader loader(folder, std::move(labels), std::move(notes));
  int lists = 0;
  for (const char* list : {"balanced_train_segments.csv", "unbalanced_train_segments.csv"}) {
    if (!std::filesystem::exists(folder / list, fault)) continue;
    PHOTINUS_RETURN_IF_ERROR(loader.ReadSegments(list, false));
    ++lists;
  }
  if (lists == 0) return Missing(folder / "balanced_train_segments.csv", "it lists the clips for training");
  if (!std::filesystem::exists(folder / "eval_segments.csv", fault)) {
    return Missing(folder / "eval_segments.csv", "it lists the clips for test");
  }
  PHOTINUS_RETURN_IF_ERROR(loader.ReadSegments("eval_segments.csv", true));
  return std::move(loader).Finish(seed);
}

}  // namespace photinus::data
