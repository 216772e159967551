// Signatures, by OpenSSL.
#ifndef PHOTINUS_SERVER_STUDY_DIGEST_H_
#define PHOTINUS_SERVER_STUDY_DIGEST_H_

#include <string>
#include <string_view>

namespace photinus {

// Lower-case hex of 64 characters.
std::string HmacSha256Hex(std::string_view key, std::string_view bytes);

// Takes equally long whatever differs.
bool EqualSecrets(std::string_view a, std::string_view b);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_DIGEST_H_
