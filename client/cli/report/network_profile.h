// What the artifact `profile.json` of a trial says of its network.
#ifndef PHOTINUS_CLIENT_CLI_REPORT_NETWORK_PROFILE_H_
#define PHOTINUS_CLIENT_CLI_REPORT_NETWORK_PROFILE_H_

#include <string>
#include <vector>

namespace photinus {

// One block of the architecture; the last one is what follows the blocks: global average and fully connected layers.
// Texts are empty where a block has no such thing.
struct BlockProfile {
  std::string name;
  std::string type;
  std::string filters, kernel, stride, expansion;
  std::string output;  // "25 x 40 x 8": over time, over frequency, channels
  double params = 0;
  double flops = 0;
};

struct NetworkProfile {
  bool synthetic_data = false;
  std::string energy_source;  // what predicted the energy; empty: nothing did
  std::string energy_meter;   // what measures it
  bool simulated_meter = false;
  std::vector<BlockProfile> blocks;
};

// Members of an artifact that anybody may have written: what is not as expected counts as empty, false or 0; without
// blocks and layers that fit each other there are no blocks.
NetworkProfile ParseNetworkProfile(const std::string& json);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_REPORT_NETWORK_PROFILE_H_
