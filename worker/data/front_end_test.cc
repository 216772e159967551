#include "worker/data/front_end.h"

#include <gtest/gtest.h>

#include <set>

namespace photinus::data {
namespace {

struct Shape {
  size_t seconds;
  int frames;
};

class FrontEndTest : public ::testing::TestWithParam<Shape> {};

TEST_P(FrontEndTest, GivesTheFramesThatItPromises) {
  const size_t samples = GetParam().seconds * 16000;
  const FrontEnd front_end = FindFrontEnd(FeatureKind::kLogMel, samples, GetParam().frames).value();
  EXPECT_EQ(LogMel(front_end.mel).FrameCount(samples), static_cast<size_t>(GetParam().frames));
  EXPECT_EQ(front_end.mel.bins, 40u);
  EXPECT_LE(front_end.mel.window, front_end.mel.fft_size);
}

INSTANTIATE_TEST_SUITE_P(Table, FrontEndTest,
                         ::testing::Values(Shape{1, 49}, Shape{1, 98}, Shape{1, 196}, Shape{2, 49}, Shape{2, 98},
                                           Shape{2, 196}, Shape{10, 49}, Shape{10, 98}, Shape{10, 196}),
                         [](const auto& info) {
                           return std::to_string(info.param.seconds) + "s" + std::to_string(info.param.frames);
                         });

TEST(FrontEnd, OfPublishedShapesHasTheirWindows) {
  const FrontEnd events = FindFrontEnd(FeatureKind::kLogMel, 32000, 196).value();  // 50 ms every 10 ms, 60-7800 Hz
  EXPECT_EQ(events.mel.window, 800u);
  EXPECT_EQ(events.mel.hop, 160u);
  EXPECT_EQ(events.mel.low_hz, 60);
  const FrontEnd keywords = FindFrontEnd(FeatureKind::kLogMel, 16000, 49).value();  // 40 ms every 20 ms, 20-7600 Hz
  EXPECT_EQ(Describe(keywords), "log-mel 2, 16000 Hz, window 640, hop 320, FFT 1024, 40 bins, 20..7600 Hz");
}

TEST(FrontEnd, OfOtherFramesThereIsNone) {
  EXPECT_EQ(
      FindFrontEnd(FeatureKind::kLogMel, 16000, 50).error().message,
      "no features have 50 frames: a task has those of 49, 98 or 196 frames x 40 bins, and a network's input is as "
      "large");
}

TEST(FrontEnd, ThatDiffersIsDescribedDifferently) {
  std::set<std::string> descriptions;
  for (const size_t seconds : {1u, 2u, 10u}) {
    for (const int frames : {49, 98, 196})
      descriptions.insert(Describe(FindFrontEnd(FeatureKind::kLogMel, seconds * 16000, frames).value()));
  }
  descriptions.insert(Describe(FindFrontEnd(FeatureKind::kMfcc, 16000, 49).value()));
  EXPECT_EQ(descriptions.size(), 10u);
}

}  // namespace
}  // namespace photinus::data
