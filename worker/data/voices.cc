#include "worker/data/voices.h"

namespace photinus::data {
namespace {

constexpr std::string_view kAccents[] = {"en",         "en-us",          "en-us-nyc",     "en-029", "en-gb-scotland",
                                         "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd"};

constexpr std::string_view kTrainVariants[] = {
    "Alex",   "Alicia",  "Andrea", "Annie",  "Denis",  "Diogo",   "Gene",    "Gene2",    "Hugo",   "Jacky",   "Lee",
    "Marco",  "Mike",    "Nguyen", "adam",   "anika",  "antonio", "belinda", "benjamin", "caleb",  "croak",   "david",
    "edward", "edward2", "f1",     "f2",     "f4",     "grandpa", "iven",    "iven2",    "iven3",  "iven4",   "john",
    "klatt2", "klatt3",  "klatt4", "klatt5", "m1",     "m3",      "m5",      "m6",       "m8",     "marcelo", "max",
    "miguel", "pablo",   "paul",   "robert", "sandro", "steph",   "steph2",  "steph3",   "victor", "zac"};

constexpr std::string_view kValidationVariants[] = {"Andy", "Mario",   "Michael", "boris", "f5",    "grandma",
                                                    "m4",   "norbert", "quincy",  "linda", "travis"};

constexpr std::string_view kTestVariants[] = {
    "AnxiousAndy", "Henrique",   "RicishayMax", "RicishayMax2", "RicishayMax3", "Storm", "aunty", "ed",    "f3",
    "gustave",     "kaukovalta", "m2",          "m7",           "michel",       "pedro", "rob",   "shelby"};

}  // namespace

std::string_view SplitName(Split split) {
  switch (split) {
    case Split::kTrain:
      return "train";
    case Split::kValidation:
      return "validation";
    case Split::kTest:
      return "test";
  }
  return "";
}

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
