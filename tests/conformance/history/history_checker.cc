#include "tests/conformance/history/history_checker.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/conformance/history/client_model.h"
#include "tests/conformance/history/linearizability.h"
#include "tests/conformance/history/trial_model.h"
#include "tests/conformance/history/worker_model.h"

namespace photinus {
namespace {

constexpr size_t kMostViolations = 5;  // each takes a while to explain

bool Gives(const Operation& o) { return o.action == Action::kSuggest || o.action == Action::kPull; }

bool MayMake(const Operation& o) { return Gives(o) || o.action == Action::kCreateTrial; }

// What is known of the trials and clients as a whole.
struct Population {
  std::set<int64_t> ids;
  std::map<double, int64_t> id_of_x;                 // points are as good as different
  std::map<int64_t, std::set<std::string>> clients;  // that ever had the trial
  std::map<int64_t, int64_t> first_pull;             // by id: when a worker could first have had it
  std::set<std::string> workers;                     // clients with leases
  std::set<std::string> uncertain_workers;           // names for which a pull may yet come
  std::set<std::string> uncertain;                   // clients that do not know what they were given
};

Population Survey(const std::vector<Operation>& history) {
  Population population;
  for (const Operation& o : history) {
    if (o.trial > 0 && o.outcome != Outcome::kNotFound) population.ids.insert(o.trial);
    if (o.action == Action::kPull) population.workers.insert(o.client);
    if (Gives(o) && o.outcome == Outcome::kUnknown) {
      population.uncertain.insert(o.client);
      population.uncertain_workers.insert(o.worker);
    }
    for (const TrialView& view : o.trials) {
      population.ids.insert(view.id);
      population.id_of_x[view.x] = view.id;
      if (!view.client.empty()) population.clients[view.id].insert(view.client);
      if (o.action == Action::kPull) {
        const auto first = population.first_pull.emplace(view.id, o.begin).first;
        first->second = std::min(first->second, o.begin);
      }
    }
  }
  return population;
}

// The trials on which the operation acted, or may have.
std::vector<int64_t> TrialsOf(const Operation& o, const Population& population) {
  std::vector<int64_t> ids;
  if (o.action == Action::kList) return {population.ids.begin(), population.ids.end()};
  if (o.action == Action::kExpireLeases) {
    for (const auto& [id, first_pull] : population.first_pull) {
      if (first_pull < o.end) ids.push_back(id);
    }
  } else if (o.action == Action::kCreateTrial && o.outcome == Outcome::kUnknown) {
    const auto created = population.id_of_x.find(o.x);
    if (created != population.id_of_x.end()) ids.push_back(created->second);
  } else if (o.action == Action::kPull || (Gives(o) && o.outcome == Outcome::kUnknown)) {
    // A pull acts on whatever its client has.
    for (const auto& [id, clients] : population.clients) {
      if (clients.count(o.client) > 0) ids.push_back(id);
    }
  } else if (o.trial > 0) {
    ids.push_back(o.trial);
  } else {
    for (const TrialView& view : o.trials) ids.push_back(view.id);
  }
  return ids;
}

std::string Explain(const std::string& object, const Violation& violation) {
  std::string text =
      absl::StrCat(object, violation.certain ? ": no order of these calls explains their answers\n"
                                             : ": there are too many orders of these calls to try them all\n");
  for (const ObjectCall& call : violation.calls) {
    const bool matters = call.known || call.operation->outcome == Outcome::kUnknown;
    absl::StrAppend(&text, "  ", call.operation->ToString(matters), "\n");
  }
  return text;
}

template <typename Model>
void CheckObject(const std::string& object, const Model& model, const std::vector<ObjectCall>& calls,
                 std::vector<std::string>& violations) {
  if (violations.size() >= kMostViolations) return;
  const auto violation = LinearizabilityChecker<Model>(model).FindViolation(calls);
  if (violation.has_value()) violations.push_back(Explain(object, *violation));
}

void CheckTrials(const std::vector<Operation>& history, const Population& population,
                 std::vector<std::string>& violations) {
  std::map<int64_t, std::vector<ObjectCall>> calls;
  std::vector<ObjectCall> lost_makers;  // of trials that no answer shows with their makers
  for (const Operation& o : history) {
    for (const int64_t id : TrialsOf(o, population)) calls[id].push_back(ObjectCall::Of(o));
    if (MayMake(o) && o.outcome == Outcome::kUnknown) lost_makers.push_back(ObjectCall::Of(o));
  }
  for (auto& [id, of_trial] : calls) {
    const bool seen_new =
        std::any_of(of_trial.begin(), of_trial.end(), [](const auto& c) { return MayMake(*c.operation); });
    if (!seen_new) of_trial.insert(of_trial.end(), lost_makers.begin(), lost_makers.end());
    CheckObject(absl::StrCat("trial ", id), TrialModel(id), of_trial, violations);
  }
}

void CheckWorkers(const std::vector<Operation>& history, const Population& population,
                  std::vector<std::string>& violations) {
  std::map<std::string, std::vector<ObjectCall>> calls;
  for (const Operation& o : history) {
    const bool certain = population.uncertain_workers.count(o.worker) == 0;
    if (o.action == Action::kPull && certain) calls[o.worker].push_back(ObjectCall::Of(o));
  }
  for (const auto& [worker, of_worker] : calls) {
    CheckObject(absl::StrCat("worker ", worker), WorkerModel(), of_worker, violations);
  }
}

void CheckClients(const std::vector<Operation>& history, const Population& population,
                  std::vector<std::string>& violations) {
  std::map<std::string, std::vector<ObjectCall>> calls;
  for (const Operation& o : history) {
    if (Gives(o)) {
      calls[o.client].push_back(ObjectCall::Of(o));
      continue;
    }
    if (o.action == Action::kGet || o.action == Action::kList || o.action == Action::kCreateTrial) continue;
    if (o.action == Action::kMeasure || o.action == Action::kSetMetadata) continue;
    if (o.action == Action::kExpireLeases) {
      for (const std::string& worker : population.workers) calls[worker].push_back(ObjectCall::Of(o));
      continue;
    }
    std::set<std::string> clients;
    for (const int64_t id : TrialsOf(o, population)) {
      const auto known = population.clients.find(id);
      if (known != population.clients.end()) clients.insert(known->second.begin(), known->second.end());
    }
    for (const std::string& client : clients) calls[client].push_back(ObjectCall::Of(o));
  }
  for (const auto& [client, of_client] : calls) {
    if (population.uncertain.count(client) > 0) continue;
    CheckObject(absl::StrCat("client ", client), ClientModel(), of_client, violations);
  }
}

// A new trial has a larger id than all that were known when it was asked for.
void CheckIds(std::vector<Operation> history, const Population& population, std::vector<std::string>& violations) {
  std::map<int64_t, const Operation*> creations;
  std::map<int64_t, const Operation*> seen;  // by end: the operation that saw the largest id so far
  std::sort(history.begin(), history.end(), [](const auto& a, const auto& b) { return a.end < b.end; });
  int64_t largest = 0;
  for (const Operation& o : history) {
    for (const TrialView& view : o.trials) {
      if (view.id <= largest) continue;
      largest = view.id;
      seen[o.end] = &o;
    }
    if (o.action != Action::kCreateTrial || o.outcome != Outcome::kOk) continue;
    const int64_t id = o.trials.front().id;
    const auto [creation, is_new] = creations.emplace(id, &o);
    if (!is_new) {
      violations.push_back(
          absl::StrCat("id ", id, " was given twice\n  ", creation->second->ToString(), "\n  ", o.ToString(), "\n"));
    }
    auto before = seen.upper_bound(o.begin);
    if (before == seen.begin()) continue;
    --before;
    const auto& trials = before->second->trials;
    const bool later = std::all_of(trials.begin(), trials.end(), [&](const TrialView& v) { return v.id < id; });
    if (!later) {
      violations.push_back(absl::StrCat("id ", id, " is not larger than those before it\n  ",
                                        before->second->ToString(), "\n  ", o.ToString(), "\n"));
    }
  }
  const bool certain = std::all_of(history.begin(), history.end(), [](const Operation& o) {
    return o.outcome != Outcome::kUnknown || o.action == Action::kExpireLeases;
  });
  if (certain && !population.ids.empty() && *population.ids.rbegin() != static_cast<int64_t>(population.ids.size())) {
    violations.push_back(
        absl::StrCat("ids have gaps: ", population.ids.size(), " of them go up to ", *population.ids.rbegin(), "\n"));
  }
}

}  // namespace

std::vector<std::string> FindViolations(std::vector<Operation> history) {
  // A read without an answer says nothing and does nothing, but would double the orders to try.
  history.erase(std::remove_if(history.begin(), history.end(),
                               [](const Operation& o) {
                                 const bool reads = o.action == Action::kGet || o.action == Action::kList;
                                 return reads && o.outcome == Outcome::kUnknown;
                               }),
                history.end());
  std::vector<std::string> violations;
  for (const Operation& o : history) {
    if (o.outcome == Outcome::kFault) violations.push_back(absl::StrCat("a fault\n  ", o.ToString(), "\n"));
  }
  const Population population = Survey(history);
  CheckIds(history, population, violations);
  CheckTrials(history, population, violations);
  CheckWorkers(history, population, violations);
  CheckClients(history, population, violations);
  return violations;
}

}  // namespace photinus
