#include "worker/data/wav.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace photinus::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Wav, SurvivesWritingAndReading) {
  const Result<Wav> wav = ParseWav(EncodeWav({16000, {1, -2, 32767, -32768}}), "a.wav");
  ASSERT_TRUE(wav.ok()) << wav.error().message;
  EXPECT_EQ(wav->sample_rate, 16000);
  EXPECT_THAT(wav->samples, ElementsAre(1, -2, 32767, -32768));
}

TEST(Wav, RoundsAndClipsSamples) {
  EXPECT_THAT(ToPcm(std::vector<float>{0, 0.5f, 1, -1, -2, 1.4f / 32768}),
              ElementsAre(0, 16384, 32767, -32768, -32768, 1));
  EXPECT_THAT(ToFloat(std::vector<int16_t>{0, 16384, -32768}), ElementsAre(0, 0.5f, -1));
}

TEST(Wav, SkipsChunksItDoesNotKnow) {
  std::string content = EncodeWav({8000, {5, 6}});
  content.insert(12, std::string("LIST\x03\0\0\0abc\0", 12));  // an odd size is padded to an even one
  content[4] = static_cast<char>(content[4] + 12);
  const Result<Wav> wav = ParseWav(content, "a.wav");
  ASSERT_TRUE(wav.ok()) << wav.error().message;
  EXPECT_THAT(wav->samples, ElementsAre(5, 6));
}

TEST(Wav, TakesTheMeanOfTheChannels) {
  std::string content = EncodeWav({16000, {100, 200, -3, 4, 32767, 32767, -32768, -32768}});
  content[22] = 2;
  const Result<Wav> wav = ParseWav(content, "a.wav");
  ASSERT_TRUE(wav.ok()) << wav.error().message;
  EXPECT_EQ(wav->sample_rate, 16000);
  EXPECT_THAT(wav->samples, ElementsAre(150, 0, 32767, -32768));
}

// As ffmpeg writes it to a pipe.
TEST(Wav, OfUnknownSizeEndsWithItsFile) {
  std::string content = EncodeWav({16000, {1, -2, 3}});
  content.insert(36, std::string("LIST\x04\0\0\0abcd", 12));
  content.replace(4, 4, "\xFF\xFF\xFF\xFF");
  content.replace(52, 4, "\xFF\xFF\xFF\xFF");
  const Result<Wav> wav = ParseWav(content, "pipe.wav");
  ASSERT_TRUE(wav.ok()) << wav.error().message;
  EXPECT_THAT(wav->samples, ElementsAre(1, -2, 3));
  EXPECT_THAT(ParseWav(content.substr(0, 46), "pipe.wav").error().message, HasSubstr("pipe.wav is truncated"));
}

struct FaultCase {
  const char* name;
  std::string content;
  const char* message;
};

std::string Changed(size_t offset, char value) {
  std::string content = EncodeWav({16000, {1, 2, 3, 4}});
  content[offset] = value;
  return content;
}

class WavFaultTest : public ::testing::TestWithParam<FaultCase> {};

TEST_P(WavFaultTest, IsNamed) {
  const Result<Wav> wav = ParseWav(GetParam().content, "a.wav");
  ASSERT_FALSE(wav.ok());
  EXPECT_EQ(wav.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(wav.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(Table, WavFaultTest,
                         ::testing::Values(FaultCase{"Empty", "", "a.wav is truncated: expected 12 bytes, found 0"},
                                           FaultCase{"OtherContent", "<html>", "a.wav is no WAV file"},
                                           FaultCase{"OtherRiff", "RIFF....AVI ....", "a.wav is no WAV file"},
                                           FaultCase{"CutInTheSound", EncodeWav({16000, {1, 2, 3, 4}}).substr(0, 50),
                                                     "a.wav is truncated: expected 52 bytes, found 50"},
                                           FaultCase{"CutInTheHeader", EncodeWav({16000, {1, 2, 3, 4}}).substr(0, 20),
                                                     "a.wav is truncated: expected 52 bytes, found 20"},
                                           FaultCase{"SoundLongerThanFile", Changed(40, 100),
                                                     "a.wav is truncated: expected 144 bytes, found 52"},
                                           FaultCase{
                                               "NoChannel", Changed(22, 0),
                                               "a.wav has format 1, 0 channels and 16 bits; needed is 16-bit PCM"},
                                           FaultCase{"EightBits", Changed(34, 8), "needed is 16-bit PCM"},
                                           FaultCase{"Compressed", Changed(20, 17), "a.wav has format 17"},
                                           FaultCase{"NoSound", Changed(36, 'x'), "a.wav has no sound"}),
                         [](const auto& info) { return info.param.name; });

TEST(Wav, EveryCutOfAFileIsRefused) {
  const std::string whole = EncodeWav({16000, {1, 2, 3, 4}});
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParseWav(whole.substr(0, size), "a.wav").ok()) << size;
  }
}

}  // namespace
}  // namespace photinus::data
