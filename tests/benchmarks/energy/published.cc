#include "tests/benchmarks/energy/published.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <utility>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "worker/base/quantile.h"
#include "worker/graph/architectures.h"
#include "worker/graph/baselines.h"
#include "worker/graph/counters.h"

namespace photinus {
namespace {

using energy::WorkAmounts;

constexpr int kCandidates = 6000;  // random networks among which the nearest are looked for
constexpr int kNearest = 20;
constexpr double kMeasured = 0.05;  // relative deviation of the table's energies

template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

WorkAmounts MeanOfNearest(const std::vector<RandomNetwork>& networks, double flops, double params) {
  std::vector<std::pair<double, const RandomNetwork*>> near;
  for (const RandomNetwork& network : networks) {
    near.emplace_back(std::hypot(std::log(network.flops / flops), std::log(network.params / params)), &network);
  }
  std::partial_sort(near.begin(), near.begin() + kNearest, near.end());
  WorkAmounts mean{};
  for (int i = 0; i < kNearest; ++i) {
    for (int kind = 0; kind < energy::kWorkCount; ++kind) mean[kind] += near[i].second->work[kind] / kNearest;
  }
  return mean;
}

double Number(const spaces::Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return static_cast<double>(std::get<std::int64_t>(value));
}

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

std::vector<RandomNetwork> RandomNetworks(const std::string& space, int count, double cache_bytes,
                                          bool as_nas_bayesian) {
  const spaces::Space* definition = spaces::FindSpace(space);
  std::vector<RandomNetwork> networks;
  for (int i = 0; i < count; ++i) {
    spaces::ParameterValues point = spaces::Sample(*definition, static_cast<std::uint64_t>(1000 + i));
    if (as_nas_bayesian) {  // what section 8 of the paper says of this network
      point["block1.filters"] = 8.0;
      point["block2.filters"] = 24.0;
      point["block2.kernel"] = std::int64_t{3};
    }
    const graph::Graph graph = Must(graph::BuildGraph(Must(graph::ArchitectureOf(space, point))));
    networks.push_back({energy::WorkOf(graph, cache_bytes), static_cast<double>(graph::Flops(graph)),
                        static_cast<double>(graph::KerasQatParams(graph)), Number(point.at("block1.filters"))});
  }
  return networks;
}

std::vector<PublishedRow> PublishedRows(double cache_bytes) {
  std::vector<PublishedRow> rows;
  const auto baseline = [&](const char* name, double energy_mj, double latency_ms, double tolerance) {
    const graph::Graph graph = Must(graph::BuildGraph(Must(graph::Baseline(name))));
    rows.push_back({name, energy_mj, latency_ms, tolerance, kMeasured, true, energy::WorkOf(graph, cache_bytes)});
  };
  baseline("tc_resnet8_1.0", 0.20, 0.15, 0.04);
  baseline("tc_resnet14_1.5", 0.64, 0.43, 0.03);
  baseline("mobilenet_v1", 7.76, 5.47, 0.03);
  baseline("mobilenet_v2", 13.90, 9.9, 0.1);  // printed: 0.99 ms, which 13.9 mJ at 1.4 W cannot be

  const auto random = RandomNetworks("energy-audio-2d", kCandidates, cache_bytes);
  const auto like_bayesian = RandomNetworks("energy-audio-2d", kCandidates, cache_bytes, true);
  const auto one_dimensional = RandomNetworks("energy-audio-1d", kCandidates, cache_bytes);
  const auto winner = [&](const char* name, double energy_mj, double latency_ms, double flops, double params,
                          const std::vector<RandomNetwork>& networks, double tolerance) {
    rows.push_back({name, energy_mj, latency_ms, tolerance, tolerance, false, MeanOfNearest(networks, flops, params)});
  };
  winner("NAS-Bayesian", 1.30, 0.98, 12.52e6, 23.95e3, like_bayesian, 0.1);
  winner("NAS-HyperFirefly", 1.27, 0.94, 13.26e6, 24.94e3, random, 0.15);
  winner("NAS-Bayesian-b'", 1.46, 1.07, 10.95e6, 27.13e3, random, 0.15);
  winner("NAS-HyperFirefly-b'", 1.72, 1.27, 15.61e6, 19.70e3, random, 0.15);
  winner("1D-NAS-Bayesian", 0.26, 0.22, 6.43e6, 37.23e3, one_dimensional, 0.1);
  return rows;
}

Population PopulationOf(const std::vector<RandomNetwork>& networks, const energy::DeviceProfile& profile) {
  std::vector<double> energies, at_ten_million;
  std::map<double, std::vector<double>> by_filters;
  for (const RandomNetwork& network : networks) {
    const double energy_mj = energy::CostOf(network.work, profile).energy_mj;
    energies.push_back(energy_mj);
    by_filters[network.first_filters].push_back(energy_mj);
    if (std::abs(network.flops / 10e6 - 1) < 0.1) at_ten_million.push_back(energy_mj);
  }
  const double mean = Mean(energies);
  double variance = 0, between = 0;
  for (const double energy_mj : energies) variance += (energy_mj - mean) * (energy_mj - mean);
  for (const auto& [filters, group] : by_filters) {
    between += static_cast<double>(group.size()) * (Mean(group) - mean) * (Mean(group) - mean);
  }
  return {.median_mj = Quantile(energies, 0.5),
          .deviation_mj = std::sqrt(variance / static_cast<double>(energies.size())),
          .share_of_first_filters = between / variance,
          .low_mj = Quantile(at_ten_million, 0.01),
          .high_mj = Quantile(at_ten_million, 0.99)};
}

}  // namespace photinus
