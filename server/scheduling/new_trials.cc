#include "server/scheduling/new_trials.h"

#include <algorithm>

#include "common/base/errors.h"

namespace photinus {
namespace {

constexpr size_t kMaxTextBytes = 120;
constexpr size_t kMaxPredictions = 5;  // of 29 bytes

v1::Explanation ToProto(const Explanation& explanation) {
  v1::Explanation proto;
  proto.set_arm(explanation.arm);
  proto.set_text(Shortened(explanation.text, kMaxTextBytes));
  if (explanation.acquisition.has_value()) proto.set_acquisition(*explanation.acquisition);
  for (size_t i = 0; i < std::min(explanation.predictions.size(), kMaxPredictions); ++i) {
    v1::Explanation::Prediction& added = *proto.add_predictions();
    const auto& prediction = explanation.predictions[i];
    if (!prediction.has_value()) continue;
    added.set_median(prediction->median);
    added.set_lower(prediction->lower);
    added.set_upper(prediction->upper);
  }
  return proto;
}

}  // namespace

std::vector<NewTrial> NewTrials(const SuggestedPoints& points, size_t first, size_t count) {
  std::vector<NewTrial> trials;
  const size_t all = points.suggestions.size();
  for (size_t i = first; i < std::min(all, first + count); ++i) {
    v1::Explanation explanation = ToProto(points.suggestions[i].explanation);
    explanation.set_milliseconds(
        static_cast<float>(absl::ToDoubleMilliseconds(points.spent) / static_cast<double>(all)));
    explanation.set_ahead(points.ahead);
    trials.push_back({points.suggestions[i].point, std::move(explanation)});
  }
  return trials;
}

}  // namespace photinus
