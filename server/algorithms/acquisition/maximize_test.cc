#include "server/algorithms/acquisition/maximize.h"

#include <cmath>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"

namespace photinus {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

SearchSpace Space(const std::string& text) {
  pb::StudySpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec)) << text;
  return *SearchSpace::FromSpec(spec);
}

// A bowl in feature space, upside down, with its top at `top`.
class Bowl final : public Acquisition {
 public:
  explicit Bowl(VectorXd top) : top_(std::move(top)) {}
  VectorXd Score(const MatrixXd& features) const override {
    return -(features.rowwise() - top_.transpose()).rowwise().squaredNorm();
  }
  VectorXd Bound(const MatrixXd& features) const override { return Score(features); }
  VectorXd ScoreWithGradient(const MatrixXd& features, MatrixXd& gradients) const override {
    gradients = -2 * (features.rowwise() - top_.transpose());
    return Score(features);
  }

 private:
  VectorXd top_;
};

std::optional<UnitPoint> Maximize(const Flatten& flatten, const Acquisition& acquisition,
                                  const VisitedPoints& excluded) {
  return MaximizeAcquisition({flatten, acquisition, {UnitPoint(flatten.dimension(), 0.5)}, excluded, 5, nullptr});
}

TEST(MaximizeAcquisition, FindsTheTopOfABowl) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "a" double_value_spec { max_value: 1 } }
    parameters { parameter_id: "b" double_value_spec { max_value: 1 } }
    parameters { parameter_id: "c" double_value_spec { max_value: 1 } })"));
  const auto unit = Maximize(flatten, Bowl(VectorXd{{0.2, 0.7, 1.5}}), VisitedPoints(flatten));
  EXPECT_NEAR((*unit)[0], 0.2, 1e-3);
  EXPECT_NEAR((*unit)[1], 0.7, 1e-3);
  EXPECT_EQ((*unit)[2], 1);  // the top is outside the box
}

TEST(MaximizeAcquisition, ScoresRoundedPointsOnly) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "a" double_value_spec { max_value: 1 } }
    parameters { parameter_id: "i" integer_value_spec { max_value: 99 } }
    parameters { parameter_id: "big" integer_value_spec { max_value: 1000000 } }
    parameters { parameter_id: "c" categorical_value_spec { values: "x" values: "y" values: "z" } })"));
  VectorXd top(flatten.feature_dimension());
  top << 0.25, 0.4249, 0.33, 0, 0.7, 0;  // integer 42: cell centre 0.425
  const auto unit = Maximize(flatten, Bowl(top), VisitedPoints(flatten));
  const Point point = flatten.ToPoint(*unit);
  EXPECT_NEAR(std::get<double>(point.at("a")), 0.25, 1e-3);
  EXPECT_EQ(point.at("i"), ParameterValue(42.0));
  EXPECT_NEAR(std::get<double>(point.at("big")), 330000, 5000);
  EXPECT_EQ(point.at("c"), ParameterValue("y"));
}

TEST(MaximizeAcquisition, FindsTheBestOfManyCategories) {
  constexpr int kParameters = 8;
  for (const int categories : {26, 100}) {
    std::string text;
    for (int i = 0; i < kParameters; ++i) {
      text += "parameters { parameter_id: 'p" + std::to_string(i) + "' categorical_value_spec {";
      for (int c = 0; c < categories; ++c) text += " values: 'c" + std::to_string(c) + "'";
      text += " } }";
    }
    const Flatten flatten(Space(text));
    UnitPoint best;
    for (int i = 0; i < kParameters; ++i) best.push_back(flatten.LevelCoordinate(i, (7 * i + 3) % categories));
    VectorXd top(flatten.feature_dimension());
    flatten.ToFeatures(best, top.data());
    const auto unit = Maximize(flatten, Bowl(top), VisitedPoints(flatten));
    EXPECT_EQ(flatten.ToPoint(*unit), flatten.ToPoint(best)) << categories << " categories";
  }
}

TEST(MaximizeAcquisition, SearchesASmallSpaceExhaustivelyAndSkipsWhatIsExcluded) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "i" integer_value_spec { max_value: 9 } }
    parameters { parameter_id: "j" integer_value_spec { max_value: 9 } })"));
  VisitedPoints excluded(flatten);
  const Bowl bowl(VectorXd{{0.05, 0.95}});
  double last = 1;
  for (int i = 0; i < 100; ++i) {
    const auto unit = Maximize(flatten, bowl, excluded);
    ASSERT_TRUE(unit.has_value());
    ASSERT_FALSE(excluded.Contains(*unit));
    const double score = bowl.Score(MatrixXd{{(*unit)[0], (*unit)[1]}})[0];
    EXPECT_LE(score, last + 1e-12);  // best first
    last = score;
    excluded.Add(*unit);
  }
  EXPECT_FALSE(Maximize(flatten, bowl, excluded).has_value());
}

// Counts the points that are scored.
class CountingBowl final : public Acquisition {
 public:
  explicit CountingBowl(const VectorXd& top) : bowl_(top) {}
  VectorXd Score(const MatrixXd& features) const override {
    scored += features.rows();
    return bowl_.Score(features);
  }
  VectorXd Bound(const MatrixXd& features) const override { return bowl_.Score(features).array() + 1e-6; }
  VectorXd ScoreWithGradient(const MatrixXd& features, MatrixXd& gradients) const override {
    return bowl_.ScoreWithGradient(features, gradients);
  }
  mutable Eigen::Index scored = 0;

 private:
  Bowl bowl_;
};

TEST(MaximizeAcquisition, ScoresOnlyPointsThatMayBeBest) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "i" integer_value_spec { max_value: 49 } }
    parameters { parameter_id: "j" integer_value_spec { max_value: 49 } })"));
  const CountingBowl bowl(VectorXd{{0.21, 0.77}});
  const auto unit = Maximize(flatten, bowl, VisitedPoints(flatten));
  EXPECT_EQ(flatten.ToPoint(*unit), (Point{{"i", 10.0}, {"j", 38.0}}));
  EXPECT_LT(bowl.scored, 100) << "of 2500";
}

TEST(MaximizeAcquisition, LooksInTheBoxAndNowhereElse) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "a" double_value_spec { max_value: 1 } }
    parameters { parameter_id: "b" double_value_spec { max_value: 1 } })"));
  const VisitedPoints excluded(flatten);
  const Bowl bowl(VectorXd{{0.9, 0.4}});
  const UnitBox box{{0.3, 0.3}, {0.6, 0.6}};
  const auto unit = MaximizeAcquisition({flatten, bowl, {{0.5, 0.5}}, excluded, 5, nullptr, &box});
  EXPECT_NEAR((*unit)[0], 0.6, 1e-3);
  EXPECT_NEAR((*unit)[1], 0.4, 1e-3);
}

TEST(MaximizeAcquisition, FindsNothingInABoxWhereAllIsExcluded) {
  for (const int parameters : {2, 8}) {  // 16 and 65,536 points
    std::string text;
    for (int i = 0; i < parameters; ++i) {
      text += "parameters { parameter_id: 'p" + std::to_string(i) + "' integer_value_spec { max_value: 3 } }";
    }
    const Flatten flatten(Space(text));
    const UnitPoint best(static_cast<size_t>(parameters), 0.375);
    VisitedPoints excluded(flatten);
    excluded.Add(best);
    const UnitBox box{UnitPoint(best.size(), 0.3), UnitPoint(best.size(), 0.45)};
    const Bowl bowl(VectorXd::Constant(parameters, 0.9));
    EXPECT_FALSE(MaximizeAcquisition({flatten, bowl, {best}, excluded, 5, nullptr, &box}).has_value());
  }
}

TEST(MaximizeAcquisition, StopsWhenCancelled) {
  const Flatten flatten(Space(R"(parameters { parameter_id: "a" double_value_spec { max_value: 1 } })"));
  const VisitedPoints excluded(flatten);
  const Bowl bowl(VectorXd{{0.2}});
  EXPECT_FALSE(MaximizeAcquisition({flatten, bowl, {}, excluded, 5, [] { return true; }}).has_value());
}

}  // namespace
}  // namespace photinus
