#ifndef PHOTINUS_WORKER_GRAPH_PUBLISHED_BASELINES_H_
#define PHOTINUS_WORKER_GRAPH_PUBLISHED_BASELINES_H_

namespace photinus::graph {

struct PublishedBaseline {
  const char* name;
  const char* mega_flops;  // to the printed digit
  double kilo_params;      // as `KerasQatParams` counts
  double kilobytes;        // of the .tflite; 1 kB = 1000 B
};

// arXiv 2202.05397, table 2.
inline constexpr PublishedBaseline kPublishedBaselines[] = {{"mobilenet_v1", "339.62", 3206.40, 3422.62},
                                                            {"mobilenet_v2", "430.35", 2301.18, 2717.83},
                                                            {"tc_resnet8_1.0", "6.00", 66.37, 78.69},
                                                            {"tc_resnet14_1.5", "26.24", 306.05, 331.06}};

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_PUBLISHED_BASELINES_H_
