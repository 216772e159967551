// SHA-256 checksums of what is sent and received.
#ifndef PHOTINUS_COMMON_BASE_SHA256_H_
#define PHOTINUS_COMMON_BASE_SHA256_H_

#include <memory>
#include <string>
#include <string_view>

namespace photinus {

// Not thread-safe; a moved-from one may only be destroyed.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void Update(std::string_view bytes);
  // Lower-case hex of everything so far. Called once, last.
  std::string HexDigest();

 private:
  struct Context;  // OpenSSL's
  std::unique_ptr<Context> context_;
};

std::string Sha256Hex(std::string_view bytes);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_SHA256_H_
