// What an artifact may be, for those who send, receive and keep it.
#ifndef PHOTINUS_COMMON_BASE_ARTIFACT_LIMITS_H_
#define PHOTINUS_COMMON_BASE_ARTIFACT_LIMITS_H_

#include <cstdint>

namespace photinus {

inline constexpr int64_t kMaxArtifactBytes = int64_t{64} << 20;
// The most that one message of a transfer carries.
inline constexpr int64_t kArtifactChunkBytes = int64_t{1} << 20;

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_ARTIFACT_LIMITS_H_
