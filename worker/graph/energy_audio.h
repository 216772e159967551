#ifndef PHOTINUS_WORKER_GRAPH_ENERGY_AUDIO_H_
#define PHOTINUS_WORKER_GRAPH_ENERGY_AUDIO_H_

#include "common/spaces/space.h"
#include "worker/graph/architecture.h"

namespace photinus::graph {

// The architecture of a point of the spaces energy-audio-2d, -1d and -49 (common/spaces/energy_audio.h): twelve blocks
// named as their parameters are, identity blocks included, with kernel 3 where it is not searched and expansion 3 in
// MobileNetV2's; then 32 hidden units and 9 classes. In 1d the first block turns the frequency bins into channels, so
// that all blocks run over time alone, and strides over frequency are dropped: 196 -> 98, 98, 49, 25, 13, ..., 7.
// InvalidArgument for a missing parameter or a value of the wrong type.
Result<Architecture> EnergyAudio2d(const spaces::ParameterValues& values);
Result<Architecture> EnergyAudio1d(const spaces::ParameterValues& values);
Result<Architecture> EnergyAudio49(const spaces::ParameterValues& values);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_ENERGY_AUDIO_H_
