// A map of bounded size that forgets what was unused for longest.
#ifndef PHOTINUS_SERVER_STUDY_LRU_MAP_H_
#define PHOTINUS_SERVER_STUDY_LRU_MAP_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <utility>

namespace photinus {

// Keyed by uid. Not thread-safe.
template <typename Value>
class LruMap {
 public:
  explicit LruMap(size_t capacity) : capacity_(capacity) {}

  // The value of a key, made where there is none. The reference holds until a later call forgets it.
  Value& At(int64_t key) {
    const auto known = places_.find(key);
    if (known != places_.end()) {
      values_.splice(values_.begin(), values_, known->second);
      return values_.front().second;
    }
    if (values_.size() == capacity_) {
      places_.erase(values_.back().first);
      values_.pop_back();
    }
    values_.emplace_front(key, Value());
    places_[key] = values_.begin();
    return values_.front().second;
  }

  bool Contains(int64_t key) const { return places_.count(key) > 0; }

  void Erase(int64_t key) {
    const auto known = places_.find(key);
    if (known == places_.end()) return;
    values_.erase(known->second);
    places_.erase(known);
  }

 private:
  using Values = std::list<std::pair<int64_t, Value>>;

  const size_t capacity_;
  Values values_;  // the last used first
  std::unordered_map<int64_t, typename Values::iterator> places_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_LRU_MAP_H_
