// What all backends hold about schema versions: steps are numbered from 1, only appended, and recognized by checksum.
#ifndef PHOTINUS_SERVER_STORAGE_MIGRATIONS_H_
#define PHOTINUS_SERVER_STORAGE_MIGRATIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace photinus {

struct AppliedMigration {
  int64_t version = 0;
  std::string checksum;
};

// From the columns version and checksum.
template <typename Statement>
AppliedMigration ReadMigration(Statement& row) {
  AppliedMigration migration;
  migration.version = row.Int();
  migration.checksum = row.Text();
  return migration;
}

std::string MigrationChecksum(std::string_view sql);

// FailedPrecondition: what a database has applied, by ascending version, is not a beginning of the steps `known`.
absl::Status VerifyMigrations(const std::vector<AppliedMigration>& applied, absl::Span<const std::string_view> known);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_MIGRATIONS_H_
