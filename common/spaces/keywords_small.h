#ifndef PHOTINUS_COMMON_SPACES_KEYWORDS_SMALL_H_
#define PHOTINUS_COMMON_SPACES_KEYWORDS_SMALL_H_

#include "common/spaces/space.h"

namespace photinus::spaces {

// Small networks for the spoken-keywords task (input 49 x 40 log-mel, 12 classes): a stem and five blocks over time.
//   lr                 double, log: the peak learning rate
//   stem               temporal: the mel bins are the channels of a convolution over time;
//                      spectral: a convolution over time and frequency, whose eight frequency bands become channels
//   stem.filters, stem.kernel        discrete, integer
//   block1 .. block5   conv | separable | residual, and identity where the block does not stride (2 and 4)
//   blockN.filters, blockN.kernel    discrete, integer; active unless blockN is identity
// worker/graph/keywords_small.h says what network a point stands for.
Space KeywordsSmall();

}  // namespace photinus::spaces

#endif  // PHOTINUS_COMMON_SPACES_KEYWORDS_SMALL_H_
