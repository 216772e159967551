#include "worker/predictor/random_forest.h"

#include <xgboost/c_api.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <utility>

namespace photinus::predictor {
namespace {

constexpr int kThreads = 1;
// The serialized model is the mean of the targets, then XGBoost's own bytes.
constexpr char kBufferFormat[] = R"({"format": "ubj"})";

Error Failed(const char* what) { return Internal(std::string("XGBoost: ") + what + ": " + XGBGetLastError()); }

std::string Text(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), number).ptr};
}

// XGBoost's copy of a matrix.
class Matrix {
 public:
  static Result<Matrix> Of(const FeatureMatrix& features) {
    DMatrixHandle handle = nullptr;
    const auto rows = static_cast<bst_ulong>(features.rows()), columns = static_cast<bst_ulong>(features.cols());
    if (XGDMatrixCreateFromMat_omp(features.data(), rows, columns, std::numeric_limits<float>::quiet_NaN(), &handle,
                                   kThreads) != 0) {
      return Failed("reading features");
    }
    return Matrix(handle);
  }
  DMatrixHandle get() const { return handle_.get(); }

 private:
  struct Free {
    void operator()(void* handle) const { XGDMatrixFree(handle); }
  };
  explicit Matrix(DMatrixHandle handle) : handle_(handle) {}
  std::unique_ptr<void, Free> handle_;
};

Result<void> CheckOptions(const ForestOptions& options) {
  const auto is_share = [](double share) { return share > 0 && share <= 1; };
  if (options.trees < 1 || options.trees > 10000) return InvalidArgument("a forest has 1 to 10000 trees");
  if (options.max_depth < 1 || options.max_depth > 24) return InvalidArgument("a tree's depth is 1 to 24");
  if (options.min_leaf < 1) return InvalidArgument("a leaf has at least 1 row");
  if (!is_share(options.feature_share) || !is_share(options.row_share)) {
    return InvalidArgument("the shares of features and rows are above 0 and at most 1");
  }
  return {};
}

}  // namespace

struct RandomForest::Booster {
  BoosterHandle handle = nullptr;
  ~Booster() { XGBoosterFree(handle); }

  static Result<std::unique_ptr<Booster>> New(const DMatrixHandle* matrix) {
    auto booster = std::make_unique<Booster>();
    if (XGBoosterCreate(matrix, matrix == nullptr ? 0 : 1, &booster->handle) != 0) return Failed("starting");
    PHOTINUS_RETURN_IF_ERROR(booster->Set("nthread", Text(kThreads)));
    PHOTINUS_RETURN_IF_ERROR(booster->Set("verbosity", "0"));
    return booster;
  }
  Result<void> Set(const char* name, const std::string& value) {
    if (XGBoosterSetParam(handle, name, value.c_str()) != 0) return Failed(name);
    return {};
  }
};

RandomForest::RandomForest(std::unique_ptr<Booster> booster, int columns, double mean)
    : booster_(std::move(booster)), columns_(columns), mean_(mean) {}
RandomForest::RandomForest(RandomForest&&) noexcept = default;
RandomForest& RandomForest::operator=(RandomForest&&) noexcept = default;
RandomForest::~RandomForest() = default;

Result<RandomForest> RandomForest::Train(const FeatureMatrix& features, const Eigen::VectorXd& targets,
                                         const ForestOptions& options) {
  PHOTINUS_RETURN_IF_ERROR(CheckOptions(options));
  if (targets.size() == 0 || targets.size() != features.rows()) {
    return InvalidArgument("a forest needs rows, and as many targets");
  }
  const double mean = targets.mean();
  const Eigen::VectorXf differences = (targets.array() - mean).cast<float>();
  PHOTINUS_ASSIGN_OR_RETURN(const Matrix matrix, Matrix::Of(features));
  if (XGDMatrixSetFloatInfo(matrix.get(), "label", differences.data(), static_cast<bst_ulong>(differences.size()))) {
    return Failed("reading targets");
  }
  const DMatrixHandle handle = matrix.get();
  PHOTINUS_ASSIGN_OR_RETURN(std::unique_ptr<Booster> booster, Booster::New(&handle));
  // One round whose trees are averaged, no shrinking, no regularisation: a forest.
  const std::initializer_list<std::pair<const char*, std::string>> settings = {
      {"objective", "reg:squarederror"},
      {"tree_method", "hist"},
      {"base_score", "0"},
      {"learning_rate", "1"},
      {"reg_lambda", "0"},
      {"num_parallel_tree", std::to_string(options.trees)},
      {"max_depth", std::to_string(options.max_depth)},
      {"min_child_weight", std::to_string(options.min_leaf)},
      {"colsample_bynode", Text(options.feature_share)},
      {"subsample", Text(options.row_share)},
      {"seed", std::to_string(options.seed)},
  };
  for (const auto& [name, value] : settings) PHOTINUS_RETURN_IF_ERROR(booster->Set(name, value));
  if (XGBoosterUpdateOneIter(booster->handle, 0, matrix.get()) != 0) return Failed("training");
  return RandomForest(std::move(booster), static_cast<int>(features.cols()), mean);
}

Result<Eigen::VectorXd> RandomForest::Predict(const FeatureMatrix& features) const {
  if (features.cols() != columns_) {
    return InvalidArgument("the forest was trained with " + std::to_string(columns_) + " features and is asked with " +
                           std::to_string(features.cols()));
  }
  if (features.rows() == 0) return Eigen::VectorXd();
  PHOTINUS_ASSIGN_OR_RETURN(const Matrix matrix, Matrix::Of(features));
  constexpr char kWhole[] =
      R"({"type": 0, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* differences = nullptr;
  if (XGBoosterPredictFromDMatrix(booster_->handle, matrix.get(), kWhole, &shape, &dimensions, &differences) != 0) {
    return Failed("predicting");
  }
  return Eigen::VectorXd(Eigen::Map<const Eigen::VectorXf>(differences, features.rows()).cast<double>().array() +
                         mean_);
}

Result<std::vector<double>> RandomForest::Importances() const {
  bst_ulong count = 0, dimensions = 0;
  const char** names = nullptr;
  const bst_ulong* shape = nullptr;
  const float* gains = nullptr;
  if (XGBoosterFeatureScore(booster_->handle, R"({"importance_type": "total_gain"})", &count, &names, &dimensions,
                            &shape, &gains) != 0) {
    return Failed("importances");
  }
  std::vector<double> importances(static_cast<std::size_t>(columns_), 0.0);
  double sum = 0;
  for (bst_ulong i = 0; i < count; ++i) {  // columns are called f0, f1, ...; those without a split are left out
    const std::string_view name = names[i];
    std::size_t column = 0;
    std::from_chars(name.data() + 1, name.data() + name.size(), column);
    if (column >= importances.size()) return Internal("XGBoost: importances: no feature " + std::string(name));
    importances[column] = gains[i];
    sum += gains[i];
  }
  for (double& importance : importances) importance = sum > 0 ? importance / sum : 0;
  return importances;
}

Result<std::string> RandomForest::Serialize() const {
  bst_ulong length = 0;
  const char* bytes = nullptr;
  if (XGBoosterSaveModelToBuffer(booster_->handle, kBufferFormat, &length, &bytes) != 0) return Failed("saving");
  std::string serialized(sizeof(mean_), '\0');
  std::memcpy(serialized.data(), &mean_, sizeof(mean_));
  serialized.append(bytes, length);
  return serialized;
}

Result<RandomForest> RandomForest::Parse(const std::string& bytes, int columns) {
  double mean = 0;
  if (bytes.size() <= sizeof(mean)) return InvalidArgument("no forest: too short");
  std::memcpy(&mean, bytes.data(), sizeof(mean));
  PHOTINUS_ASSIGN_OR_RETURN(std::unique_ptr<Booster> booster, Booster::New(nullptr));
  if (XGBoosterLoadModelFromBuffer(booster->handle, bytes.data() + sizeof(mean), bytes.size() - sizeof(mean)) != 0) {
    return InvalidArgument(std::string("no forest: ") + XGBGetLastError());
  }
  PHOTINUS_RETURN_IF_ERROR(booster->Set("nthread", Text(kThreads)));
  bst_ulong features = 0;
  if (XGBoosterGetNumFeature(booster->handle, &features) != 0) return Failed("reading");
  if (features != static_cast<bst_ulong>(columns) || !std::isfinite(mean)) {
    return InvalidArgument("the forest was trained with " + std::to_string(features) + " features, not " +
                           std::to_string(columns));
  }
  return RandomForest(std::move(booster), columns, mean);
}

}  // namespace photinus::predictor
