// Clients of the service, as many as a workload wants, on a few connections.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SERVICE_CLIENT_H_
#define PHOTINUS_TESTS_BENCHMARKS_SERVICE_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/pb.h"
#include "tests/support/study_builder.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {

// Every call ends the program if it fails. Thread-safe.
class ServiceClient {
 public:
  explicit ServiceClient(const std::string& address);

  // A study of its own, with objective y; its resource name.
  std::string CreateStudy(AStudy study = AStudy("").WithFloat("x").WithFloat("z").WithObjective("y"));
  // Suggestions for `client`, waited for.
  std::vector<pb::Trial> Suggest(const std::string& study, const std::string& client, int count = 1);
  void AddMeasurement(const std::string& trial, int64_t step, double y);
  void Complete(const std::string& trial, double y);
  void GetTrial(const std::string& trial);
  void PutMetadata(const std::string& study, const std::string& key);
  // The next page token.
  std::string ListPage(const std::string& study, int page_size, const std::string& token);
  void ListOptimal(const std::string& study);
  void CheckEarlyStopping(const std::string& trial);

 private:
  vizier::VizierService::Stub& stub();

  std::vector<std::unique_ptr<vizier::VizierService::Stub>> stubs_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SERVICE_CLIENT_H_
