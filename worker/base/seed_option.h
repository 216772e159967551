#ifndef PHOTINUS_WORKER_BASE_SEED_OPTION_H_
#define PHOTINUS_WORKER_BASE_SEED_OPTION_H_

#include <CLI/CLI.hpp>
#include <concepts>
#include <string>

namespace photinus {

// `--seed N` of a verb, a whole number of at least 0, whose default is what `seed` holds. A negative one, which would
// become a large number, is refused.
template <std::unsigned_integral Seed>
CLI::Option* AddSeed(CLI::App& verb, Seed& seed, const std::string& help) {
  const auto not_negative = [](const std::string& text) {
    return std::string(text.starts_with('-') ? text + " is negative; a seed is 0 or greater" : "");
  };
  return verb.add_option("--seed", seed, help)->check(not_negative)->capture_default_str();
}

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_SEED_OPTION_H_
