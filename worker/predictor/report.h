#ifndef PHOTINUS_WORKER_PREDICTOR_REPORT_H_
#define PHOTINUS_WORKER_PREDICTOR_REPORT_H_

#include <string>
#include <vector>

#include "worker/predictor/fit.h"
#include "worker/predictor/measurements.h"

namespace photinus::predictor {

// FLOPs and latency as stand-ins for energy, over all measured networks.
struct ProxyStudy {
  double flops_correlation = 0;
  double latency_correlation = 0;
  // Energies (1st and 99th percentile) of the networks whose FLOPs, or latency, are within 5 % of the median.
  double flops = 0, flops_low_mj = 0, flops_high_mj = 0;
  double latency_ms = 0, latency_low_mj = 0, latency_high_mj = 0;
};
ProxyStudy StudyProxies(const std::vector<MeasuredNetwork>& networks);

// What a fit came to, in Markdown, beside the figures of arXiv 2202.05397, section 3.4. The plots are linked as
// parity.svg, flops.svg and latency.svg.
std::string ReportMarkdown(const Measurements& measurements, const FitResult& result);

// Predictions against measurements, and the paper's figure 2: energy against FLOPs, and against latency.
std::string ParityPlot(const FitResult& result);
std::string FlopsPlot(const std::vector<MeasuredNetwork>& networks);
std::string LatencyPlot(const std::vector<MeasuredNetwork>& networks);

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_REPORT_H_
