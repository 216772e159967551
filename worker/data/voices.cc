#include "worker/data/voices.h"

namespace photinus::data {
namespace {

constexpr std::string_view kAccents[] = {"en",         "en-us",          "en-us-nyc",     "en-029", "en-gb-scotland",
                                         "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd"};

constexpr std::string_view kTrainVariants[] = {
    "Alex",    "Andrea",   "Andy",        "Annie",        "AnxiousAndy",  "Diogo",  "Henrique", "Hugo",
    "Lee",     "Mike",     "RicishayMax", "RicishayMax2", "RicishayMax3", "adam",   "anika",    "aunty",
    "belinda", "benjamin", "boris",       "caleb",        "croak",        "david",  "edward",   "edward2",
    "f3",      "f4",       "grandpa",     "iven",         "iven2",        "iven3",  "iven4",    "john",
    "klatt2",  "klatt3",   "klatt4",      "klatt5",       "linda",        "m1",     "m2",       "m3",
    "m4",      "m5",       "m6",          "max",          "michel",       "miguel", "norbert",  "pablo",
    "paul",    "pedro",    "rob",         "robert",       "sandro",       "zac"};

constexpr std::string_view kValidationVariants[] = {"Mario",   "Michael", "Nguyen", "f1",      "f2",    "f5",
                                                    "gustave", "m7",      "m8",     "marcelo", "travis"};

constexpr std::string_view kTestVariants[] = {"Alicia", "Denis",   "Gene",   "Gene2",   "Jacky",      "Marco",
                                              "Storm",  "antonio", "ed",     "grandma", "kaukovalta", "quincy",
                                              "shelby", "steph",   "steph2", "steph3",  "victor"};

}  // namespace

std::span<const std::string_view> Accents() { return kAccents; }

std::span<const std::string_view> Variants(Split split) {
  switch (split) {
    case Split::kTrain:
      return kTrainVariants;
    case Split::kValidation:
      return kValidationVariants;
    case Split::kTest:
      return kTestVariants;
  }
  return {};
}

}  // namespace photinus::data
