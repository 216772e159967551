#include "worker/data/folder_state.h"

#include <gmock/gmock.h>

#include <chrono>
#include <functional>

#include "worker/data/folder_fixture.h"

namespace photinus::data {
namespace {

using ::testing::HasSubstr;

class FolderStateTest : public FolderTest {
 protected:
  FolderStateTest() {
    Write("validation_list.txt", "yes/a.wav\n");
    Write("README.md", "Where the clips are from");
    WriteTone("yes/a.wav", 300, 0.01);
    WriteTone("no/b.wav", 300, 0.01);
  }

  std::string State() const { return FolderState(Clips()).value(); }
};

TEST_F(FolderStateTest, IsThatOfEveryCopy) {
  const std::filesystem::path copy = dir_ / "elsewhere";
  std::filesystem::copy(Clips(), copy, std::filesystem::copy_options::recursive);
  for (const char* name : {"validation_list.txt", "yes/a.wav", "yes", "."}) {
    const auto copied = std::filesystem::last_write_time(copy / name);
    std::filesystem::last_write_time(copy / name, copied - std::chrono::hours(1000));
  }
  EXPECT_EQ(FolderState(copy).value(), State());
  EXPECT_EQ(State().size(), 64u);
}

TEST_F(FolderStateTest, PassesOverWhatIsNeitherListNorClip) {
  const std::string before = State();
  Write("LICENSE", "CC BY 4.0");
  Write("yes/a.txt", "yes");
  EXPECT_EQ(State(), before);
}

TEST_F(FolderStateTest, NeedsAFolder) {
  const Result<std::string> state = FolderState(dir_ / "nowhere");
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(state.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(state.error().message, HasSubstr("cannot read the folder " + (dir_ / "nowhere").string()));
}

struct FolderChange {
  const char* name;
  std::function<void(const std::filesystem::path&)> make;
};

class FolderChangeTest : public FolderStateTest, public ::testing::WithParamInterface<FolderChange> {};

TEST_P(FolderChangeTest, ChangesTheState) {
  const std::string before = State();
  GetParam().make(Clips());
  EXPECT_NE(State(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Table, FolderChangeTest,
    ::testing::Values(
        FolderChange{"Added", [](const auto& clips) { std::filesystem::copy(clips / "no/b.wav", clips / "no/c.wav"); }},
        FolderChange{"Removed", [](const auto& clips) { std::filesystem::remove(clips / "no/b.wav"); }},
        FolderChange{"Renamed",
                     [](const auto& clips) { std::filesystem::rename(clips / "no/b.wav", clips / "no/c.wav"); }},
        FolderChange{"Moved",
                     [](const auto& clips) { std::filesystem::rename(clips / "no/b.wav", clips / "yes/b.wav"); }},
        FolderChange{"Cut", [](const auto& clips) { std::filesystem::resize_file(clips / "no/b.wav", 44); }},
        FolderChange{
            "ListOfEqualSize",
            [](const auto& clips) { EXPECT_TRUE(WriteFile(clips / "validation_list.txt", "no./b.wav\n").ok()); }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus::data
