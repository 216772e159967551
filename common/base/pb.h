// `pb`: Vizier's messages, as the code calls them.
#ifndef PHOTINUS_COMMON_BASE_PB_H_
#define PHOTINUS_COMMON_BASE_PB_H_

#include "vizier/key_value.pb.h"
#include "vizier/study.pb.h"

namespace photinus {
namespace pb = ::vizier;
}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_PB_H_
