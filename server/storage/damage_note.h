// What is remembered, across processes, of a database file that may be damaged.
#ifndef PHOTINUS_SERVER_STORAGE_DAMAGE_NOTE_H_
#define PHOTINUS_SERVER_STORAGE_DAMAGE_NOTE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"

namespace photinus {

// The file `<path>.unchecked`: there from an unclean end until a check found no damage, with what it found otherwise.
class DamageNote {
 public:
  explicit DamageNote(std::string path) : path_(std::move(path)), note_(path_ + ".unchecked") {}

  bool Exists() const;
  // FailedPrecondition, with a message that says what to do: damage was found.
  absl::Status Check() const;

  // "There may be damage", unless there is a note. On disk when it returns, or logged.
  void Begin() const;
  // Damage was found.
  void Condemn(const std::string& finding) const;
  void Remove() const;

 private:
  void Write(const std::string& text) const;

  const std::string path_;
  const std::string note_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_DAMAGE_NOTE_H_
