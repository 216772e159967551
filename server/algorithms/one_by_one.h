// What algorithms have in common that choose one point after the other.
#ifndef PHOTINUS_SERVER_ALGORITHMS_ONE_BY_ONE_H_
#define PHOTINUS_SERVER_ALGORITHMS_ONE_BY_ONE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/space/flatten.h"
#include "server/algorithms/choice.h"
#include "server/algorithms/history.h"
#include "server/algorithms/initial_design.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// One call of Suggest.
class OneByOne {
 public:
  // The request is borrowed.
  explicit OneByOne(const SuggestRequest& request);
  virtual ~OneByOne() = default;
  // Its parts borrow each other.
  OneByOne(const OneByOne&) = delete;
  OneByOne& operator=(const OneByOne&) = delete;

  // Asks for the point of each trial that the request wants. Every choice counts as pending before the next is made.
  // Ends early where there is none. Cancelled.
  absl::StatusOr<SuggestResult> Run();

 protected:
  const SuggestRequest& request() const { return request_; }
  const Flatten& flatten() const { return flatten_; }
  const History& history() const { return history_; }
  // The trial's own stream of random numbers.
  Random RandomOf(int64_t trial_id) const { return Random(MixSeed(request_.seed, static_cast<uint64_t>(trial_id))); }
  // Of the initial design. why: for people.
  std::optional<Choice> Initial(int64_t trial_id, std::string why);

 private:
  // Nullopt: the space is used up.
  virtual std::optional<Choice> Next(int64_t trial_id) = 0;

  const SuggestRequest& request_;
  const Flatten flatten_;
  History history_;
  InitialDesign initial_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_ONE_BY_ONE_H_
