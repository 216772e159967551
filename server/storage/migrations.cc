#include "server/storage/migrations.h"

#include "absl/strings/str_cat.h"

namespace photinus {

// FNV-1a: it finds accidents, not attacks.
std::string MigrationChecksum(std::string_view sql) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : sql) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

absl::Status VerifyMigrations(const std::vector<AppliedMigration>& applied, absl::Span<const std::string_view> known) {
  int64_t expected = 1;
  for (const AppliedMigration& migration : applied) {
    if (migration.version > static_cast<int64_t>(known.size())) {
      return absl::FailedPreconditionError(absl::StrCat("the database has schema version ", applied.back().version,
                                                        ", this program knows versions up to ", known.size(),
                                                        "; use the newer photinus-server that wrote it"));
    }
    if (migration.version != expected || migration.checksum != MigrationChecksum(known[expected - 1])) {
      return absl::FailedPreconditionError(
          absl::StrCat("schema version ", expected, " of the database is not the one this program knows (checksum ",
                       migration.checksum, "); use the photinus-server that wrote it, or restore a backup"));
    }
    ++expected;
  }
  return absl::OkStatus();
}

}  // namespace photinus
