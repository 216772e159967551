#ifndef PHOTINUS_WORKER_DATA_FOLDER_FIXTURE_H_
#define PHOTINUS_WORKER_DATA_FOLDER_FIXTURE_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

#include "worker/base/file.h"
#include "worker/data/wav.h"

namespace photinus::data {

// For tests: changes a byte in the middle of a file, whose size and time stay.
inline void AlterUnnoticed(const std::filesystem::path& path) {
  const auto time = std::filesystem::last_write_time(path);
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(middle);
  const auto byte = static_cast<char>(file.get() ^ 1);
  file.seekp(middle);
  file.put(byte);
  file.close();
  EXPECT_TRUE(file.good()) << path;
  std::filesystem::last_write_time(path, time);
}

// For tests: a folder of its own, removed with it, into which tests put what a data set is published as.
class FolderTest : public ::testing::Test {
 protected:
  FolderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "photinus_folder_XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
  }
  ~FolderTest() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path Clips() const { return dir_ / "clips"; }

  void Write(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = Clips() / name;
    EXPECT_TRUE(MakeFolder(path.parent_path()).ok());
    EXPECT_TRUE(WriteFile(path, content).ok());
  }

  // A sine of half the full scale.
  void WriteTone(const std::string& name, double hz, double seconds, int rate = 16000) const {
    Wav wav{rate, std::vector<int16_t>(static_cast<size_t>(seconds * rate))};
    for (size_t i = 0; i < wav.samples.size(); ++i) {
      const double phase = 2 * std::numbers::pi * hz * static_cast<double>(i) / rate;
      wav.samples[i] = static_cast<int16_t>(16384 * std::sin(phase));
    }
    Write(name, EncodeWav(wav));
  }

  std::filesystem::path dir_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_FOLDER_FIXTURE_H_
