#include "server/study/studies.h"

#include <google/protobuf/util/message_differencer.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/study_document/problem_entries.h"
#include "server/study/metadata.h"
#include "server/study/prior_trials.h"
#include "server/study/replies.h"
#include "server/study/study_batch.h"
#include "server/study/study_state.h"
#include "server/study/trial_lists.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

std::string TextOf(const pb::StudySpec& spec, bool (*is_wanted)(const pb::KeyValue&)) {
  std::string text;
  for (const pb::KeyValue& entry : spec.metadata()) {
    if (is_wanted(entry)) text = entry.value();
  }
  return text;
}

// Metadata is data that changes; of it only some entries are part of what was asked for.
bool SameProblem(pb::StudySpec a, pb::StudySpec b) {
  for (const auto is_wanted : {&IsStudyDocument, &IsEndpoint}) {
    if (TextOf(a, is_wanted) != TextOf(b, is_wanted)) return false;
  }
  a.clear_metadata();
  b.clear_metadata();
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

absl::Status CheckName(const pb::Study& study) {
  if (!study.name().empty()) return FieldError("study.name", "is set by the server; send display_name");
  if (study.display_name().empty()) return FieldError("study.display_name", "is missing");
  if (const absl::Status valid = ValidateId("display_name", study.display_name()); !valid.ok()) {
    return InField("study", valid);
  }
  return absl::OkStatus();
}

// What a new study of this spec begins with.
absl::StatusOr<v1::WarmStart> CheckSpec(StudyStore& store, const OwnerName& owner, const pb::StudySpec& spec,
                                        const ReadOptions& options) {
  RETURN_IF_ERROR(CheckMetadata(spec.metadata()));
  ASSIGN_OR_RETURN(const StudyProblem problem, store.CheckProblem(spec));
  return CopyPriorTrials(store, owner, problem, options);
}

absl::StatusOr<StudyRow> InsertStudy(Transaction& transaction, const OwnerName& owner, const pb::Study& study,
                                     const v1::WarmStart& prior, absl::Time now) {
  RETURN_IF_ERROR(transaction.EnsureOwner(owner.owner));
  StudyRow row;
  row.owner = owner.owner;
  row.display_name = study.display_name();
  row.version = 1;
  row.spec = study.study_spec();
  row.spec.clear_metadata();
  row.created = now;
  ASSIGN_OR_RETURN(row.uid, transaction.InsertStudy(row));
  for (const pb::KeyValue& entry : study.study_spec().metadata()) {
    RETURN_IF_ERROR(PutEntry(transaction, row.uid, 0, entry));
  }
  if (prior.studies_size() > 0) {
    RETURN_IF_ERROR(transaction.PutAlgorithmState(row.uid, kWarmStartState, prior.SerializeAsString()));
  }
  return row;
}

// Appends studies from `position` on to the page and, if it is full before the end, sets its token. page_size 0: all of
// them, or ResourceExhausted.
absl::Status FillPage(Snapshot& snapshot, const OwnerName& owner, int page_size, const PageTokens& tokens,
                      const std::string& list, PagePosition position, const ReadOptions& options, StudyPage& page) {
  StudyBatches batches(snapshot, owner.owner, position.after);
  int64_t bytes = 0;
  while (true) {
    RETURN_IF_ERROR(options.Check());
    // One more than the page takes tells whether there is a next page.
    const int64_t wanted = page_size + 1 - static_cast<int64_t>(page.studies.size());
    ASSIGN_OR_RETURN(const std::vector<StudyRow> rows, page_size == 0 ? batches.Next() : batches.Next(wanted));
    if (rows.empty()) return absl::OkStatus();
    for (const StudyRow& row : rows) {
      ASSIGN_OR_RETURN(pb::Study study, ViewStudy(snapshot, row));
      const auto study_bytes = static_cast<int64_t>(study.ByteSizeLong());
      if (page_size > 0 && PageIsFull(static_cast<int64_t>(page.studies.size()), bytes, page_size, study_bytes)) {
        page.next_page_token = tokens.Make(list, position);
        return absl::OkStatus();
      }
      bytes += study_bytes;
      if (page_size == 0 && bytes > kMaxListBytes) return ListTooLarge(absl::StrCat("studies of ", owner.ToString()));
      position.after = row.uid;
      page.studies.push_back(std::move(study));
    }
  }
}

absl::Status StudyExists(const StudyRow& study) {
  return Error(absl::StatusCode::kAlreadyExists, "STUDY_EXISTS",
               absl::StrCat(StudyName{study.owner, study.display_name}.ToString(),
                            " exists already; choose another name, or delete it first"));
}

struct Known {
  std::optional<StudyRow> row;  // of the study that has the name already
  bool to_be_noted = false;     // the request carries an id and was not served before
};

// NotFound, AlreadyExists: as CreateStudy.
absl::StatusOr<Known> FindKnown(Snapshot& snapshot, const OwnerName& owner, const pb::Study& study, IfExists if_exists,
                                const RequestId& request) {
  Known known;
  ASSIGN_OR_RETURN(known.row, snapshot.FindStudy(owner.owner, study.display_name()));
  ASSIGN_OR_RETURN(const auto served, FindServed(snapshot, kServerRequests, request));
  if (served.has_value() && (!known.row.has_value() || known.row->uid != *served)) {
    return NoSuchStudy({owner.owner, study.display_name()});
  }
  if (known.row.has_value() && if_exists == IfExists::kRefuse && !served.has_value()) return StudyExists(*known.row);
  known.to_be_noted = !served.has_value() && !request.id.empty();
  return known;
}

absl::StatusOr<CreatedStudy> ViewExisting(Snapshot& snapshot, const StudyRow& row, const pb::Study& asked) {
  CreatedStudy existing;
  ASSIGN_OR_RETURN(existing.study, ViewStudy(snapshot, row));
  existing.spec_differs = !SameProblem(existing.study.study_spec(), asked.study_spec());
  return existing;
}

}  // namespace

absl::StatusOr<CreatedStudy> CreateStudy(StudyStore& store, const OwnerName& owner, const pb::Study& study,
                                         IfExists if_exists, const RequestId& request, const ReadOptions& options) {
  RETURN_IF_ERROR(CheckName(study));
  std::optional<CreatedStudy> existing;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    existing.reset();
    ASSIGN_OR_RETURN(const Known known, FindKnown(snapshot, owner, study, if_exists, request));
    if (!known.row.has_value() || known.to_be_noted) return absl::OkStatus();
    ASSIGN_OR_RETURN(existing, ViewExisting(snapshot, *known.row, study));
    return absl::OkStatus();
  }));
  if (existing.has_value()) return *std::move(existing);
  const auto prior = CheckSpec(store, owner, study.study_spec(), options);
  if (IsLongReadNeeded(prior.status())) return prior.status();
  std::optional<StudyRow> row;
  StudyChange change;
  RETURN_IF_ERROR(store.storage().Transact([&](Transaction& transaction) -> absl::Status {
    change = {};
    ASSIGN_OR_RETURN(Known known, FindKnown(transaction, owner, study, if_exists, request));
    row = std::move(known.row);
    if (!row.has_value()) {
      // What exists is given whatever has become of the rules since.
      if (!prior.ok()) return InField("study.study_spec", prior.status());
      ASSIGN_OR_RETURN(row, InsertStudy(transaction, owner, study, *prior, store.clock().Now()));
      change = {row->uid, row->version, false, true};
    }
    if (!known.to_be_noted) return absl::OkStatus();
    return NoteServed(transaction, kServerRequests, request, row->uid, store.clock().Now());
  }));
  if (change.version > 0) {
    store.changes().Publish(change);
    return CreatedStudy{ReplyStudy(store, *row)};
  }
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const auto found, snapshot.GetStudy(row->uid));
    if (!found.has_value()) return NoSuchStudy({owner.owner, study.display_name()});
    ASSIGN_OR_RETURN(existing, ViewExisting(snapshot, *found, study));
    return absl::OkStatus();
  }));
  return *std::move(existing);
}

absl::StatusOr<pb::Study> GetStudy(StudyStore& store, const StudyName& name) {
  pb::Study study;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow row, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(study, ViewStudy(snapshot, row));
    return absl::OkStatus();
  }));
  return study;
}

absl::StatusOr<StudyPage> ListStudies(StudyStore& store, const PageTokens& tokens, const OwnerName& owner,
                                      int page_size, std::string_view page_token, const ReadOptions& options) {
  const std::string list = absl::StrCat("studies of ", owner.owner);
  ASSIGN_OR_RETURN(const int size, CheckPageSize(page_size));
  ASSIGN_OR_RETURN(const PagePosition begin, tokens.Parse(list, {page_token.data(), page_token.size()}));
  StudyPage page;
  const auto read = [&](Snapshot& snapshot) -> absl::Status {
    page = {};
    ASSIGN_OR_RETURN(const bool known, snapshot.OwnerExists(owner.owner));
    if (!known) return NoSuchOwner(owner);
    return FillPage(snapshot, owner, size, tokens, list, begin, options, page);
  };
  RETURN_IF_ERROR(size == 0 ? store.ReadLong(options, read) : store.storage().Read(read));
  return page;
}

absl::StatusOr<pb::Study> SetStudyState(StudyStore& store, const StudyName& name, pb::Study::State state,
                                        const RequestId& request) {
  StudyRow changed;
  ASSIGN_OR_RETURN(const auto served, store.EditOnce(name, request, [&](StudyEdit& edit) -> absl::StatusOr<int64_t> {
    const pb::Study::State before = edit.study().state;
    RETURN_IF_ERROR(SetState(state, edit.study()));
    // Not MarkMaybeOver: a study that was just reopened must not complete at once.
    if (before != state) edit.MarkWork();
    changed = edit.study();
    return 0;
  }));
  return served.before ? GetStudy(store, name) : ReplyStudy(store, changed);
}

absl::Status DrainStudy(StudyStore& store, const StudyName& name, DrainMode mode, const RequestId& request) {
  const auto drain = [&](StudyRow& study) {
    switch (mode) {
      case DrainMode::kStop:
        return Drain(name, study);
      case DrainMode::kPause:
        return Pause(name, study);
      case DrainMode::kResume:
        return Resume(name, study);
    }
    return absl::InternalError("unknown drain mode");
  };
  return store
      .EditOnce(name, request,
                [&](StudyEdit& edit) -> absl::StatusOr<int64_t> {
                  edit.MarkMaybeOver();
                  RETURN_IF_ERROR(drain(edit.study()));
                  return 0;
                })
      .status();
}

}  // namespace photinus
