#include <cstdio>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/storage/postgres_storage.h"
#include "tests/benchmarks/probes.h"
#include "tests/benchmarks/server_workloads.h"
#include "tests/benchmarks/storage_rows.h"
#include "tests/support/postgres_server.h"

namespace photinus {
namespace {

constexpr int kConnections = 16;
constexpr int kHotClients = 64;

using Bar = Figure::Bar;

std::unique_ptr<PostgresStorage> OpenStorage(const std::string& url, bool batches) {
  PostgresOptions options;
  options.writers = kConnections;
  if (!batches) options.limits.batch = 1;
  return Check(PostgresStorage::Open(url, options));
}

}  // namespace

void RunPostgres(const WorkloadOptions& options, Report& report) {
  if (!PostgresServer::IsInstalled()) {
    std::printf("PostgreSQL: skipped, postgresql-15 is not installed\n");
    return;
  }
  PostgresServer server(PostgresServer::Disk::kSynced);
  const std::string url = server.MakeDatabase();
  const auto batched = OpenStorage(url, true);
  const auto unbatched = OpenStorage(url, false);
  std::vector<double> own, own_ratio, hot, hot_ratio;
  for (int round = 0; round < options.rounds; ++round) {
    const double probe = ProbePostgres(url, kConnections, options.seconds).per_second;
    own.push_back(MeasureRows(*batched, kConnections, options.seconds).per_second);
    own_ratio.push_back(own.back() / probe);
    const double single = MeasureHotStudy(*unbatched, kHotClients, options.seconds).per_second;
    hot.push_back(MeasureHotStudy(*batched, kHotClients, options.seconds).per_second);
    hot_ratio.push_back(hot.back() / single);
  }
  report.Add({absl::StrCat("PostgreSQL, ", kConnections, " connections on own studies"), Median(own), "rows/s",
              "the libpq probe", Median(own_ratio), Bar::kAtLeast, 0.5});
  report.Add({absl::StrCat("PostgreSQL, one study, ", kHotClients, " clients"), Median(hot), "rows/s", "unbatched",
              Median(hot_ratio), Bar::kAtLeast, 5});
}

}  // namespace photinus
