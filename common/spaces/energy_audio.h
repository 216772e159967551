#ifndef PHOTINUS_COMMON_SPACES_ENERGY_AUDIO_H_
#define PHOTINUS_COMMON_SPACES_ENERGY_AUDIO_H_

#include <string>
#include <vector>

#include "common/spaces/space.h"

namespace photinus::spaces {

// The macro-architecture of "NAS for energy-efficient always-on audio models" (arXiv 2202.05397, section 5): twelve
// blocks whose strides all networks share. Strides and choices of one block; what the paper leaves open is our choice.
struct EnergyAudioBlock {
  int time_stride;
  int frequency_stride;
  std::vector<double> filters;  // three multiples of 8
  std::vector<std::string> types;
  int max_kernel;  // the kernel is searched from 3 up to it; 3: it is not searched
};

// The first block is always a kxk convolution, the second always kx1_1xk_dw; their `types` have that one name. The
// others have mobilenet_v1, mobilenet_v2 and kx1_1xk_dw; besides them mobilenet_v2_avg_pool where the stride is (2, 2),
// identity where it is (1, 1), and kx1_1xk in the last block.
const std::vector<EnergyAudioBlock>& EnergyAudioBlocks();

// The spaces of such networks, which differ in what a point stands for (worker/graph/energy_audio.h):
//   energy-audio-2d   two-dimensional blocks, input 196 x 40
//   energy-audio-1d   the blocks' one-dimensional counterparts, input 196 x 40 whose frequency bins become channels
//   energy-audio-49   as 2d, input 49 x 40: a quarter of the work, for searches on CPUs
// Parameters, the same in each; a block has 9 to 30 options and the space 3.07e13 points, which Sample draws equally
// often:
//   block3 .. block12          categorical: the block's type
//   block1.filters .. block12.filters   discrete; active unless the block is identity
//   block1.kernel .. block5.kernel      integer, 3 to 5; active unless the block is mobilenet_v2_avg_pool, whose is 3
Space EnergyAudio2d();
Space EnergyAudio1d();
Space EnergyAudio49();

}  // namespace photinus::spaces

#endif  // PHOTINUS_COMMON_SPACES_ENERGY_AUDIO_H_
