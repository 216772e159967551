// Which trials have been used.
#ifndef PHOTINUS_SERVER_ALGORITHMS_CMA_ES_TRIAL_SET_H_
#define PHOTINUS_SERVER_ALGORITHMS_CMA_ES_TRIAL_SET_H_

#include <cstdint>
#include <map>

namespace photinus {

// A set of trial ids as intervals: small, because trials finish almost in the order of their ids.
class TrialSet {
 public:
  // The intervals that are added must be disjoint.
  void AddInterval(int64_t first, int64_t last) { intervals_[first] = last; }
  void Add(int64_t id);
  bool Contains(int64_t id) const;
  // First id -> last id, disjoint and not adjacent.
  const std::map<int64_t, int64_t>& intervals() const { return intervals_; }

 private:
  std::map<int64_t, int64_t> intervals_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_CMA_ES_TRIAL_SET_H_
