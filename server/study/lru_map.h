// A map of bounded weight that forgets what was unused for longest.
#ifndef PHOTINUS_SERVER_STUDY_LRU_MAP_H_
#define PHOTINUS_SERVER_STUDY_LRU_MAP_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <utility>

namespace photinus {

// Keyed by uid. Each value weighs 1 unless told otherwise, in the caller's unit. Not thread-safe.
template <typename Value>
class LruMap {
 public:
  explicit LruMap(size_t capacity) : capacity_(capacity) {}

  // The value of a key, made where there is none. The reference holds until a later call forgets it.
  Value& At(int64_t key) {
    const auto known = places_.find(key);
    if (known != places_.end()) {
      items_.splice(items_.begin(), items_, known->second);
    } else {
      items_.emplace_front(Item{key, 1, Value()});
      places_[key] = items_.begin();
      weight_ += 1;
      ForgetOld();
    }
    return items_.front().value;
  }

  // Of the value that At gave last; it stays, whatever it weighs.
  void SetWeight(int64_t key, size_t weight) {
    At(key);
    weight_ += weight - items_.front().weight;
    items_.front().weight = weight;
    ForgetOld();
  }

  bool Contains(int64_t key) const { return places_.count(key) > 0; }
  size_t weight() const { return weight_; }

  void Erase(int64_t key) {
    const auto known = places_.find(key);
    if (known == places_.end()) return;
    weight_ -= known->second->weight;
    items_.erase(known->second);
    places_.erase(known);
  }

 private:
  struct Item {
    int64_t key;
    size_t weight;
    Value value;
  };
  using Items = std::list<Item>;

  void ForgetOld() {
    while (weight_ > capacity_ && items_.size() > 1) Erase(items_.back().key);
  }

  const size_t capacity_;
  size_t weight_ = 0;
  Items items_;  // the last used first
  std::unordered_map<int64_t, typename Items::iterator> places_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_LRU_MAP_H_
