#include "worker/data/clip_source.h"

#include "worker/data/channel.h"
#include "worker/data/noise.h"
#include "worker/data/random.h"

namespace photinus::data {

Result<std::vector<float>> ClipSource::Background(size_t index) const {
  Random random(DeriveSeed(0, "background", index));
  return MakeBackground(ClipSamples(), kClipRate, random);
}

}  // namespace photinus::data
