// What every Storage promises, as tests: a backend's test instantiates StorageContract with ways to make one.
#ifndef PHOTINUS_SERVER_STORAGE_STORAGE_CONTRACT_H_
#define PHOTINUS_SERVER_STORAGE_STORAGE_CONTRACT_H_

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "server/storage/storage.h"

namespace photinus {

// A place that storage is kept in, for one test; empty at first.
class StoragePlace {
 public:
  virtual ~StoragePlace() = default;
  // Opens what is there. Called again only after the storage of the last call is gone.
  virtual absl::StatusOr<std::unique_ptr<Storage>> Open() = 0;
};

struct StorageBackend {
  std::string name;
  bool durable = true;  // what was stored is there after a reopening
  std::function<std::unique_ptr<StoragePlace>()> make_place;

  friend void PrintTo(const StorageBackend& backend, std::ostream* out) { *out << backend.name; }
};

class StorageContract : public testing::TestWithParam<StorageBackend> {
 protected:
  StorageContract() : place_(GetParam().make_place()) { Reopen(); }

  void Reopen() {
    storage_.reset();
    absl::StatusOr<std::unique_ptr<Storage>> storage = place_->Open();
    if (!storage.ok()) throw std::runtime_error(storage.status().ToString());
    storage_ = *std::move(storage);
  }

  // Each expects success.
  void Write(absl::FunctionRef<absl::Status(Transaction&)> body);
  // What `read(snapshot)`, a StatusOr, gives in a Read of its own.
  template <typename Reader>
  auto Get(Reader read) {
    typename std::invoke_result_t<Reader, Snapshot&>::value_type value{};
    const absl::Status status = storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      auto result = read(snapshot);
      if (!result.ok()) return result.status();
      value = *std::move(result);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return value;
  }

  // A study of owner "ada" without trials; its uid.
  int64_t AddStudy(std::string_view display_name = "kws");
  void AddTrial(int64_t study_uid, int64_t id, pb::Trial::State state = pb::Trial::REQUESTED);
  // Erases what was deleted; how many transactions of about `rows` rows it took.
  int EraseAll(int64_t rows);
  static TrialRow MakeTrial(int64_t study_uid, int64_t id, pb::Trial::State state);
  static pb::KeyValue Entry(std::string_view ns, std::string_view key, std::string_view value);
  static pb::Measurement Accuracy(double value);

  const std::unique_ptr<StoragePlace> place_;
  std::unique_ptr<Storage> storage_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_STORAGE_CONTRACT_H_
