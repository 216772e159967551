#include "tests/benchmarks/search_workloads.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "google/protobuf/text_format.h"

namespace photinus {
namespace {

constexpr int kDimension = 8;

using Vector = std::vector<double>;

SearchSpace ParseSpace(const std::string& text) {
  pb::StudySpec spec;
  if (!google::protobuf::TextFormat::ParseFromString(text, &spec)) std::abort();
  auto space = SearchSpace::FromSpec(spec);
  if (!space.ok()) {
    std::fprintf(stderr, "%s\n", space.status().ToString().c_str());
    std::abort();
  }
  return *std::move(space);
}

double Sphere(const Vector& z) {
  double sum = 0;
  for (const double v : z) sum += v * v;
  return sum;
}

double Ellipsoid(const Vector& z) {
  double sum = 0;
  for (size_t i = 0; i < z.size(); ++i) {
    sum += std::pow(1e4, static_cast<double>(i) / static_cast<double>(z.size() - 1)) * z[i] * z[i];
  }
  return sum;
}

double Rosenbrock(const Vector& z) {  // optimum at z = 0
  double sum = 0;
  for (size_t i = 0; i + 1 < z.size(); ++i) {
    const double a = z[i] + 1, b = z[i + 1] + 1;
    sum += 100 * (a * a - b) * (a * a - b) + (a - 1) * (a - 1);
  }
  return sum;
}

double Rastrigin(const Vector& z) {
  double sum = 0;
  for (const double v : z) sum += v * v + 10 * (1 - std::cos(2 * M_PI * v));
  return sum;
}

double Ackley(const Vector& z) {
  double square = 0, cosine = 0;
  for (const double v : z) {
    square += v * v / static_cast<double>(z.size());
    cosine += std::cos(2 * M_PI * v) / static_cast<double>(z.size());
  }
  return 20 - 20 * std::exp(-0.2 * std::sqrt(square)) + std::exp(1) - std::exp(cosine);
}

double SharpRidge(const Vector& z) {
  double rest = 0;
  for (size_t i = 1; i < z.size(); ++i) rest += z[i] * z[i];
  return z[0] * z[0] + 100 * std::sqrt(rest);
}

// Rows of an orthogonal matrix, uniform (Gram and Schmidt on normal draws).
std::vector<Vector> RandomRotation(int n, Random& random) {
  std::vector<Vector> rows;
  while (static_cast<int>(rows.size()) < n) {
    Vector row(n);
    for (double& v : row) v = random.Normal();
    for (const Vector& other : rows) {
      double dot = 0;
      for (int i = 0; i < n; ++i) dot += row[i] * other[i];
      for (int i = 0; i < n; ++i) row[i] -= dot * other[i];
    }
    double norm = 0;
    for (const double v : row) norm += v * v;
    for (double& v : row) v /= std::sqrt(norm);
    rows.push_back(std::move(row));
  }
  return rows;
}

Workload RotatedBox(double (*function)(const Vector&), uint64_t instance) {
  Random random(MixSeed(0xb0b, instance));
  const std::vector<Vector> rotation = RandomRotation(kDimension, random);
  Vector optimum(kDimension);
  for (double& v : optimum) v = -4 + 8 * random.Uniform();
  std::string text;
  for (int i = 0; i < kDimension; ++i) {
    absl::StrAppend(&text, "parameters { parameter_id: 'x", i, "' double_value_spec { min_value: -5 max_value: 5 } }");
  }
  const auto regret = [=](const Point& point) {
    Vector z(kDimension, 0);
    for (int k = 0; k < kDimension; ++k) {
      const double x = std::get<double>(point.at(absl::StrCat("x", k)));
      for (int i = 0; i < kDimension; ++i) z[i] += rotation[i][k] * (x - optimum[k]);
    }
    return function(z);
  };
  return {ParseSpace(text), regret};
}

constexpr char kMixedSpace[] = R"(
  parameters { parameter_id: "lr" double_value_spec { min_value: 1e-5 max_value: 1 } scale_type: UNIT_LOG_SCALE }
  parameters { parameter_id: "dropout" double_value_spec { min_value: 0 max_value: 0.9 } }
  parameters { parameter_id: "layers" integer_value_spec { min_value: 1 max_value: 8 } }
  parameters { parameter_id: "width" discrete_value_spec { values: 8 values: 16 values: 24 values: 32 values: 64 } }
  parameters { parameter_id: "activation" categorical_value_spec { values: "a" values: "b" values: "c" values: "d" } }
  parameters { parameter_id: "optimizer" categorical_value_spec { values: "a" values: "b" values: "c" }
    conditional_parameter_specs { parent_categorical_values { values: "a" } parameter_spec {
      parameter_id: "momentum" double_value_spec { min_value: 0.5 max_value: 0.999 }
      scale_type: UNIT_REVERSE_LOG_SCALE } }
    conditional_parameter_specs { parent_categorical_values { values: "b" } parameter_spec {
      parameter_id: "beta" double_value_spec { min_value: 0 max_value: 1 } } }
    conditional_parameter_specs { parent_categorical_values { values: "b" } parameter_spec {
      parameter_id: "warmup" integer_value_spec { min_value: 0 max_value: 10 } } } })";

// Smooth bowls whose centre depends on the categories, a penalty per category, and children that matter only where they
// are active. The best optimiser is one with children.
Workload Mixed(uint64_t instance) {
  Random random(MixSeed(0x313, instance));
  const auto uniform = [&](double low, double high) { return low + (high - low) * random.Uniform(); };
  std::vector<int> activation_rank = {0, 1, 2, 3}, optimizer_rank = {0, 1};
  random.Shuffle(activation_rank);
  random.Shuffle(optimizer_rank);
  const double optimizer_penalty[] = {0.4 * optimizer_rank[0], 0.4 * optimizer_rank[1], 1.5};
  const double log_lr[] = {uniform(-4, -1), uniform(-4, -1), uniform(-4, -1)};
  const double dropout = uniform(0.1, 0.7), momentum = uniform(0.6, 0.97), beta = uniform(0.1, 0.9);
  const int layers = 2 + static_cast<int>(random.Below(6)), width = static_cast<int>(random.Below(5));
  const int warmup = 1 + static_cast<int>(random.Below(9));
  const auto regret = [=](const Point& point) {
    const auto number = [&](const char* id) { return std::get<double>(point.at(id)); };
    const auto letter = [&](const char* id) { return std::get<std::string>(point.at(id))[0] - 'a'; };
    const double widths[] = {8, 16, 24, 32, 64};
    const int level = static_cast<int>(std::find(widths, widths + 5, number("width")) - widths);
    const int optimizer = letter("optimizer");
    double sum = optimizer_penalty[optimizer] + 0.3 * activation_rank[letter("activation")];
    sum +=
        0.5 * std::pow(std::log10(number("lr")) - log_lr[optimizer], 2) + 4 * std::pow(number("dropout") - dropout, 2);
    sum += 0.05 * std::pow(number("layers") - layers, 2) + 0.1 * std::pow(level - width, 2);
    if (optimizer == 0) sum += 0.5 * std::pow(std::log10((1 - number("momentum")) / (1 - momentum)), 2);
    if (optimizer == 1) sum += 2 * std::pow(number("beta") - beta, 2) + 0.02 * std::pow(number("warmup") - warmup, 2);
    return sum;
  };
  return {ParseSpace(kMixedSpace), regret};
}

// A loss per level, decaying in importance over the parameters, and one per pair of levels of neighbours; the optimum
// is found by dynamic programming along the chain.
Workload Categorical(uint64_t instance) {
  constexpr int kParameters = 12, kLevels = 4;
  Random random(MixSeed(0xca7, instance));
  std::vector<std::vector<double>> single(kParameters, std::vector<double>(kLevels));
  std::vector<std::vector<double>> pair(kParameters, std::vector<double>(kLevels * kLevels));
  std::string text;
  for (int i = 0; i < kParameters; ++i) {
    absl::StrAppend(&text, "parameters { parameter_id: 'c", i, "' categorical_value_spec { ");
    for (int k = 0; k < kLevels; ++k) absl::StrAppend(&text, "values: '", k, "' ");
    absl::StrAppend(&text, "} }");
    const double weight = 2 / std::sqrt(1.0 + static_cast<double>(random.Below(kParameters)));
    for (double& v : single[i]) v = weight * random.Normal();
    for (double& v : pair[i]) v = 0.5 * random.Normal();
  }
  std::vector<double> least = single[0];  // of the chain so far, by the last level
  for (int i = 1; i < kParameters; ++i) {
    std::vector<double> next(kLevels, INFINITY);
    for (int k = 0; k < kLevels; ++k) {
      for (int j = 0; j < kLevels; ++j) next[k] = std::min(next[k], least[j] + single[i][k] + pair[i][j * kLevels + k]);
    }
    least = next;
  }
  const double optimum = *std::min_element(least.begin(), least.end());
  const auto regret = [=](const Point& point) {
    double sum = -optimum;
    int last = 0;
    for (int i = 0; i < kParameters; ++i) {
      const int level = std::get<std::string>(point.at(absl::StrCat("c", i)))[0] - '0';
      sum += single[i][level] + (i > 0 ? pair[i][last * kLevels + level] : 0);
      last = level;
    }
    return sum;
  };
  return {ParseSpace(text), regret};
}

struct BoxFunction {
  const char* name;
  double (*function)(const Vector&);
};

constexpr BoxFunction kBoxFunctions[] = {{"sphere", &Sphere},       {"rosenbrock", &Rosenbrock},
                                         {"rastrigin", &Rastrigin}, {"ellipsoid", &Ellipsoid},
                                         {"ackley", &Ackley},       {"sharp_ridge", &SharpRidge}};

}  // namespace

std::vector<std::string> WorkloadNames() {
  std::vector<std::string> names;
  for (const BoxFunction& box : kBoxFunctions) names.push_back(box.name);
  names.push_back("mixed");
  names.push_back("categorical");
  return names;
}

Workload MakeWorkload(const std::string& name, uint64_t instance) {
  for (const BoxFunction& box : kBoxFunctions) {
    if (name == box.name) return RotatedBox(box.function, instance);
  }
  return name == "categorical" ? Categorical(instance) : Mixed(instance);
}

}  // namespace photinus
