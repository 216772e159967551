#ifndef PHOTINUS_WORKER_DATA_VOICES_H_
#define PHOTINUS_WORKER_DATA_VOICES_H_

#include <span>
#include <string_view>

#include "worker/data/split.h"

namespace photinus::data {

// English accents of espeak-ng 1.51 that resolve together with every variant. `en-gb` is left out: `en` speaks it, and
// `en-gb+VARIANT` fails silently where the library is driven directly, so that others' sets made with it differ.
std::span<const std::string_view> Accents();

// The voice variants (espeak-ng -v ACCENT+VARIANT) that speak in `split`. Disjoint, so that validation and test hear
// unseen voices, and variants that sound alike speak in one split: many are copies of another with a different echo,
// tone or pitch (Henrique, Hugo, Diogo, michel, miguel), and a voice whose copy was trained on is not unseen.
// voices_test.cc states the criterion and checks it against the installed files. Effect voices (robots, whispers) and
// the copies of `caleb` are left out.
std::span<const std::string_view> Variants(Split split);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_VOICES_H_
