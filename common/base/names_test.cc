#include "common/base/names.h"

#include <string>

#include "common/base/errors.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

TEST(Names, RoundTrip) {
  for (const char* name : {"owners/ada/studies/kws", "owners/a b/studies/träum:1"}) {
    const auto study = StudyName::Parse(name);
    ASSERT_TRUE(study.ok()) << study.status();
    EXPECT_EQ(study->ToString(), name);
  }
  EXPECT_EQ(OwnerName::Parse("owners/ada")->ToString(), "owners/ada");
  EXPECT_EQ(TrialName::Parse("owners/a/studies/s/trials/9223372036854775807")->id, INT64_MAX);
  const char* operation = "owners/a/operations/suggestion/s/worker.0/12";
  EXPECT_EQ(OperationName::Parse(operation)->ToString(), operation);
  EXPECT_EQ(OperationName::Parse(operation)->client_id, "worker.0");
}

struct BadName {
  const char* situation;
  std::string name;
};

class MalformedTrialName : public ::testing::TestWithParam<BadName> {};

TEST_P(MalformedTrialName, IsAnInvalidArgument) {
  EXPECT_EQ(TrialName::Parse(GetParam().name).status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Table, MalformedTrialName,
                         ::testing::Values(BadName{"Empty", ""}, BadName{"StudyOnly", "owners/a/studies/s"},
                                           BadName{"ZeroId", "owners/a/studies/s/trials/0"},
                                           BadName{"LeadingZero", "owners/a/studies/s/trials/01"},
                                           BadName{"Negative", "owners/a/studies/s/trials/-1"},
                                           BadName{"Overflow", "owners/a/studies/s/trials/9223372036854775808"},
                                           BadName{"Letters", "owners/a/studies/s/trials/1x"},
                                           BadName{"EmptyOwner", "owners//studies/s/trials/1"},
                                           BadName{"DotDot", "owners/../studies/s/trials/1"},
                                           BadName{"ControlCharacter", "owners/a\n/studies/s/trials/1"},
                                           BadName{"NulByte", std::string("owners/a\0b/studies/s/trials/1", 29)},
                                           BadName{"C1Control", "owners/a\u0085/studies/s/trials/1"},
                                           BadName{"ZeroWidth", "owners/a\u200b/studies/s/trials/1"},
                                           BadName{"LineSeparator", "owners/a\u2028/studies/s/trials/1"},
                                           BadName{"BidiOverride", "owners/a\u202e/studies/s/trials/1"},
                                           BadName{"BidiIsolate", "owners/a\u2066/studies/s/trials/1"},
                                           BadName{"BadUtf8", "owners/\xc3\x28/studies/s/trials/1"},
                                           BadName{"OverlongUtf8", "owners/\xc0\xaf/studies/s/trials/1"},
                                           BadName{"Surrogate", "owners/\xed\xa0\x80/studies/s/trials/1"},
                                           BadName{"TooLong",
                                                   "owners/" + std::string(257, 'a') + "/studies/s/trials/1"},
                                           BadName{"TrailingSlash", "owners/a/studies/s/trials/1/"}),
                         [](const auto& info) { return info.param.situation; });

TEST(Names, AnOperationHasOneName) {
  for (const char* number : {"", "0", "01", "-1", "+1", "1x", "9223372036854775808"}) {
    const std::string name = std::string("owners/a/operations/suggestion/s/w/") + number;
    EXPECT_EQ(OperationName::Parse(name).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST(ArtifactName, IsAFileNameInAnyFolder) {
  for (const std::string& name : {std::string("model.tflite"), std::string("a..b"), std::string(128, 'a')}) {
    EXPECT_TRUE(ValidateArtifactName(name).ok()) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string(".bashrc"), std::string("a/b"),
        std::string("a b"), std::string("\u00e4"), std::string(129, 'a')}) {
    EXPECT_EQ(ErrorField(ValidateArtifactName(name)), "name") << name;
  }
}

}  // namespace
}  // namespace photinus
