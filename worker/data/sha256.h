#ifndef PHOTINUS_WORKER_DATA_SHA256_H_
#define PHOTINUS_WORKER_DATA_SHA256_H_

#include <span>
#include <string>
#include <string_view>

namespace photinus::data {

// SHA-256 in lower-case hexadecimal digits.
std::string Sha256(std::string_view content);

// That of all parts, one after the other.
std::string Sha256(std::span<const std::string_view> parts);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_SHA256_H_
