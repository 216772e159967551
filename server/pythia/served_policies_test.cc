#include "server/pythia/served_policies.h"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/stop_entry.h"
#include "common/study_document/trial_role.h"
#include "photinus/v1/explanation.pb.h"
#include "server/algorithms/registry.h"
#include "server/study/study_problem.h"
#include "server/study/trial_state.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_builder.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

constexpr char kStudy[] = "owners/ada/studies/kws";

// Another Vizier server, which knows trials and gives them in pages of two.
class FakeVizier final : public vizier::VizierService::Service {
 public:
  FakeVizier() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeVizier() override { server_->Shutdown(std::chrono::system_clock::now()); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  grpc::Status ListTrials(grpc::ServerContext*, const vizier::ListTrialsRequest* request,
                          vizier::ListTrialsResponse* response) override {
    if (request->parent() != kStudy) return grpc::Status(grpc::StatusCode::NOT_FOUND, request->parent());
    size_t next = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    for (int i = 0; i < 2 && next < trials.size(); ++i) *response->add_trials() = trials[next++];
    if (next < trials.size()) response->set_next_page_token(std::to_string(next));
    return grpc::Status::OK;
  }

  // At `x`, with the next id.
  pb::Trial& Add(double x, pb::Trial::State state) {
    trials.push_back(ATrial({{"x", x}}));
    trials.back().set_id(std::to_string(trials.size()));
    trials.back().set_state(state);
    return trials.back();
  }
  void AddFinished(double x, double y) {
    *Add(x, pb::Trial::SUCCEEDED).mutable_final_measurement() = AMeasurement(0, {{"y", y}});
  }

  std::vector<pb::Trial> trials;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class ServedPoliciesTest : public ::testing::Test {
 protected:
  pb::StudyDescriptor Describe(const AStudy& study) {
    const pb::StudySpec& spec = study.Study().study_spec();
    pb::StudyDescriptor descriptor;
    *descriptor.mutable_config()->mutable_search_space() = spec.parameters();
    *descriptor.mutable_config()->mutable_metric_information() = spec.metrics();
    *descriptor.mutable_config()->mutable_metadata() = spec.metadata();
    descriptor.set_guid(kStudy);
    descriptor.set_max_trial_id(static_cast<int>(vizier_.trials.size()));
    return descriptor;
  }
  pb::SuggestRequest Ask(const std::string& algorithm, int count = 1) {
    pb::SuggestRequest request;
    request.set_algorithm(algorithm);
    request.set_count(count);
    *request.mutable_study_descriptor() = Describe(AStudy("kws").WithFloat("x").WithObjective("y"));
    return request;
  }
  static double XOf(const pb::SuggestDecision& decision, int i = 0) {
    return decision.suggestions(i).parameters(0).value().number_value();
  }

  FakeVizier vizier_;
  const std::unique_ptr<ServedPolicies> policies_ = *ServedPolicies::Make(vizier_.address());
};

TEST_F(ServedPoliciesTest, WhatNeedsNoTrialsNeedsNoServer) {
  const auto alone = *ServedPolicies::Make("");
  const auto decision = alone->Suggest(Ask("QUASI_RANDOM_SEARCH", 3), nullptr);
  ASSERT_OK(decision);
  EXPECT_EQ(decision->suggestions_size(), 3);
  const auto refused = alone->Suggest(Ask("DEFAULT"), nullptr);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("--pythia-vizier"));
}

TEST_F(ServedPoliciesTest, AStudyThatStartsWarmElsewhereIsRefused) {
  pb::SuggestRequest request = Ask("DEFAULT");
  *request.mutable_study_descriptor() = Describe(
      AStudy("kws").WithFloat("x").WithObjective("y").WithDocument(R"({"warm_start": ["owners/ada/studies/old"]})"));
  const auto refused = policies_->Suggest(request, nullptr);
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("warm_start"));
}

TEST_F(ServedPoliciesTest, TrialsThatExistCountWhatTheirIdIs) {
  const auto first = policies_->Suggest(Ask("QUASI_RANDOM_SEARCH"), nullptr);
  vizier_.AddFinished(0.5, 1);
  const auto second = policies_->Suggest(Ask("QUASI_RANDOM_SEARCH"), nullptr);
  EXPECT_NE(XOf(*first), XOf(*second));
}

TEST_F(ServedPoliciesTest, ASearchLearnsFromTheTrialsThatItFetches) {
  for (int i = 0; i < 11; ++i) vizier_.AddFinished(i / 10.0, -(i / 10.0 - 0.3) * (i / 10.0 - 0.3));
  const auto decision = policies_->Suggest(Ask("DEFAULT"), nullptr);
  ASSERT_OK(decision);
  EXPECT_NEAR(XOf(*decision), 0.3, 0.1);
}

TEST_F(ServedPoliciesTest, TrialsMayComeInAnyOrder) {
  for (int i = 0; i < 11; ++i) vizier_.AddFinished(i / 10.0, -(i / 10.0 - 0.3) * (i / 10.0 - 0.3));
  for (const std::string& algorithm : AlgorithmNames()) {
    const auto ascending = policies_->Suggest(Ask(algorithm), nullptr);
    std::reverse(vizier_.trials.begin(), vizier_.trials.end());
    std::swap(vizier_.trials[2], vizier_.trials[7]);
    const auto mixed = policies_->Suggest(Ask(algorithm), nullptr);
    std::sort(vizier_.trials.begin(), vizier_.trials.end(),
              [](const auto& a, const auto& b) { return std::stoi(a.id()) < std::stoi(b.id()); });
    ASSERT_OK(ascending);
    ASSERT_OK(mixed);
    EXPECT_EQ(ascending->DebugString(), mixed->DebugString()) << algorithm;
  }
}

TEST_F(ServedPoliciesTest, ASuggestionSaysWhereItComesFrom) {
  const auto entry = [](const pb::SuggestDecision& decision, const std::string& key) -> std::string {
    for (const pb::KeyValue& entry : decision.suggestions(0).metadata()) {
      EXPECT_EQ(entry.ns(), kExplanationNamespace);
      if (entry.key() == key) return entry.value();
    }
    return "none";
  };
  const auto first = policies_->Suggest(Ask("DEFAULT"), nullptr);
  ASSERT_OK(first);
  EXPECT_EQ(entry(*first, "arm"), "default");
  EXPECT_EQ(entry(*first, "prediction.y"), "none");
  for (int i = 0; i < 11; ++i) vizier_.AddFinished(i / 10.0, -(i / 10.0 - 0.3) * (i / 10.0 - 0.3));
  const auto later = policies_->Suggest(Ask("DEFAULT"), nullptr);
  ASSERT_OK(later);
  EXPECT_EQ(entry(*later, "arm"), "log_ei");
  EXPECT_THAT(entry(*later, "text"), HasSubstr("GP on 11 trials"));
  v1::Explanation::Prediction prediction;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(entry(*later, "prediction.y"), &prediction).ok());
  EXPECT_LE(prediction.lower(), prediction.median());
  EXPECT_LE(prediction.median(), prediction.upper());
}

TEST_F(ServedPoliciesTest, RunningAndFailedTrialsAreAvoidedAndLaterOnesAreNotLookedAt) {
  pb::SuggestRequest request = Ask("GRID_SEARCH");
  const double first = XOf(*policies_->Suggest(request, nullptr));
  vizier_.Add(first, pb::Trial::ACTIVE);
  EXPECT_EQ(XOf(*policies_->Suggest(request, nullptr)), first) << "it is younger than the request";
  request = Ask("GRID_SEARCH");
  const double second = XOf(*policies_->Suggest(request, nullptr));
  EXPECT_NE(second, first);
  vizier_.Add(second, pb::Trial::INFEASIBLE);
  const double third = XOf(*policies_->Suggest(Ask("GRID_SEARCH"), nullptr));
  EXPECT_EQ((std::set<double>{first, second, third}).size(), 3u);
}

TEST_F(ServedPoliciesTest, TrialsThatAreNoPartOfTheSearchAreLeftOut) {
  for (int i = 0; i < 11; ++i) vizier_.AddFinished(i / 10.0, -(i / 10.0 - 0.3) * (i / 10.0 - 0.3));
  const auto x_after = [&](const char* role, pb::Trial::State state, const char* reason) {
    const std::vector<pb::Trial> before = vizier_.trials;
    for (int i = 0; i < 4; ++i) {
      pb::Trial& trial = vizier_.Add(0.8 + 0.01 * i, state);
      if (*role != '\0') SetRole(role, "1", trial);
      trial.set_infeasible_reason(reason);
      if (state == pb::Trial::SUCCEEDED) *trial.mutable_final_measurement() = AMeasurement(0, {{"y", 5}});
    }
    pb::SuggestRequest request = Ask("DEFAULT");
    request.mutable_study_descriptor()->set_max_trial_id(15);
    const double x = XOf(*policies_->Suggest(request, nullptr));
    vizier_.trials = before;
    return x;
  };
  EXPECT_GT(x_after("", pb::Trial::SUCCEEDED, ""), 0.5);
  EXPECT_NEAR(x_after(kRetestRole, pb::Trial::SUCCEEDED, ""), 0.3, 0.1);
  EXPECT_NEAR(x_after("", pb::Trial::INFEASIBLE, kLostReason), 0.3, 0.1) << "nothing is learnt but where it was";
}

TEST_F(ServedPoliciesTest, APointThatWasLostIsNotSuggestedWhileOthersAreLeft) {
  for (const char* algorithm : {"GRID_SEARCH", "SHUFFLED_GRID_SEARCH", "DEFAULT", "REGULARIZED_EVOLUTION"}) {
    vizier_.trials.clear();
    std::set<double> suggested;
    for (int i = 0; i < 6; ++i) {
      pb::SuggestRequest request;
      request.set_algorithm(algorithm);
      *request.mutable_study_descriptor() = Describe(AStudy("kws").WithObjective("y"));
      auto& parameter = *request.mutable_study_descriptor()->mutable_config()->mutable_search_space()->Add();
      parameter.set_parameter_id("x");
      parameter.mutable_integer_value_spec()->set_min_value(1);
      parameter.mutable_integer_value_spec()->set_max_value(6);
      const auto decision = policies_->Suggest(request, nullptr);
      ASSERT_OK(decision);
      ASSERT_EQ(decision->suggestions_size(), 1);
      const double x = XOf(*decision);
      EXPECT_TRUE(suggested.insert(x).second) << algorithm << " suggests " << x << " again";
      if (i % 2 == 0) {
        vizier_.Add(x, pb::Trial::INFEASIBLE).set_infeasible_reason(kLostReason);
      } else {
        vizier_.AddFinished(x, x);
      }
    }
  }
}

TEST_F(ServedPoliciesTest, ATrialWithARoleIsNeitherStoppedNorComparedWith) {
  const auto add = [&](pb::Trial::State state, double y, bool retest) {
    pb::Trial& trial = vizier_.Add(0.5, state);
    if (retest) SetRole(kRetestRole, "1", trial);
    for (int step = 1; step <= 5; ++step) *trial.add_measurements() = AMeasurement(step, {{"y", y}});
  };
  const auto stops = [&](int id) {
    pb::EarlyStopRequest request;
    *request.mutable_study_descriptor() = Describe(AStudy("kws").WithFloat("x").WithObjective("y"));
    request.add_trial_ids(id);
    return policies_->EarlyStop(request, nullptr)->decisions(0).should_stop();
  };
  for (int trial = 0; trial < 6; ++trial) add(pb::Trial::SUCCEEDED, 0.5, true);
  add(pb::Trial::ACTIVE, 0.1, false);
  EXPECT_FALSE(stops(7)) << "as if there were no other trial";
  for (int trial = 0; trial < 6; ++trial) add(pb::Trial::SUCCEEDED, 0.5, false);
  add(pb::Trial::ACTIVE, 0.1, true);
  EXPECT_TRUE(stops(7));
  EXPECT_FALSE(stops(14));
}

TEST_F(ServedPoliciesTest, TheStateGoesWithTheStudysMetadata) {
  pb::SuggestRequest request = Ask("HYPER_FIREFLY");
  const auto first = policies_->Suggest(request, nullptr);
  ASSERT_OK(first);
  ASSERT_EQ(first->metadata_size(), 1);
  EXPECT_FALSE(first->metadata(0).has_trial_id());
  EXPECT_EQ(first->metadata(0).metadatum().ns(), kStateNamespace);
  EXPECT_EQ(first->metadata(0).metadatum().key(), "HYPER_FIREFLY");
  vizier_.Add(XOf(*first), pb::Trial::ACTIVE);
  request = Ask("HYPER_FIREFLY");
  *request.mutable_study_descriptor()->mutable_config()->add_metadata() = first->metadata(0).metadatum();
  const auto second = policies_->Suggest(request, nullptr);
  ASSERT_OK(second);
  ASSERT_EQ(second->metadata_size(), 1);
  EXPECT_NE(second->metadata(0).metadatum().value(), first->metadata(0).metadatum().value());
  request.mutable_study_descriptor()->mutable_config()->mutable_metadata(0)->set_value("not base64");
  EXPECT_OK(policies_->Suggest(request, nullptr)) << "a lost state costs nothing but time";
}

TEST_F(ServedPoliciesTest, AStudyDocumentCountsInBothSpellings) {
  const auto with = [&](const std::string& ns) {
    pb::SuggestRequest request = Ask("RANDOM_SEARCH");
    pb::KeyValue& entry = *request.mutable_study_descriptor()->mutable_config()->add_metadata();
    entry.set_ns(ns);
    entry.set_key("study");
    entry.set_value(R"({"seed": 5})");
    return XOf(*policies_->Suggest(request, nullptr));
  };
  EXPECT_EQ(with("photinus"), with(":photinus"));
  EXPECT_NE(with("photinus"), with("other"));
}

TEST_F(ServedPoliciesTest, WhoeverNamesUsAsTheEndpointIsServed) {
  pb::SuggestRequest request = Ask("RANDOM_SEARCH");
  pb::KeyValue& entry = *request.mutable_study_descriptor()->mutable_config()->add_metadata();
  entry.set_ns(kEndpointNamespace);
  entry.set_key(kEndpointKey);
  entry.set_value("photinus:28080");
  EXPECT_OK(policies_->Suggest(request, nullptr));
}

TEST_F(ServedPoliciesTest, BadRequestsAreRefused) {
  EXPECT_EQ(ErrorField(ServedPolicies::Make("no address").status()), "pythia-vizier");
  EXPECT_EQ(ErrorField(policies_->Suggest(Ask("BOCS"), nullptr).status()), "algorithm");
  EXPECT_EQ(ErrorField(policies_->Suggest(Ask("RANDOM_SEARCH", -1), nullptr).status()), "count");
  EXPECT_EQ(ErrorField(policies_->Suggest(Ask("RANDOM_SEARCH", 1001), nullptr).status()), "count");
  pb::SuggestRequest nameless = Ask("RANDOM_SEARCH");
  nameless.mutable_study_descriptor()->set_guid("kws");
  EXPECT_TRUE(absl::IsInvalidArgument(policies_->Suggest(nameless, nullptr).status()));
  pb::SuggestRequest upside_down = Ask("RANDOM_SEARCH");
  auto& x = *upside_down.mutable_study_descriptor()->mutable_config()->mutable_search_space(0);
  x.mutable_double_value_spec()->set_min_value(7);
  EXPECT_THAT(ErrorField(policies_->Suggest(upside_down, nullptr).status()), HasSubstr("study_descriptor.config."));
  pb::SuggestRequest stranger = Ask("DEFAULT");
  stranger.mutable_study_descriptor()->set_guid("owners/ada/studies/other");
  EXPECT_TRUE(absl::IsNotFound(policies_->Suggest(stranger, nullptr).status()));
  EXPECT_TRUE(absl::IsCancelled(policies_->Suggest(Ask("DEFAULT"), [] { return true; }).status()));
}

TEST_F(ServedPoliciesTest, ATrialThatIsWorseThanTheMedianStops) {
  for (int trial = 0; trial < 6; ++trial) {
    pb::Trial& finished = vizier_.Add(0.5, pb::Trial::SUCCEEDED);
    for (int step = 1; step <= 5; ++step) *finished.add_measurements() = AMeasurement(step, {{"y", 0.5}});
  }
  for (const double y : {0.9, 0.1}) {
    pb::Trial& running = vizier_.Add(0.5, pb::Trial::ACTIVE);
    for (int step = 1; step <= 5; ++step) *running.add_measurements() = AMeasurement(step, {{"y", y}});
  }
  pb::EarlyStopRequest request;
  request.set_algorithm("RANDOM_SEARCH");  // as stock Vizier says
  *request.mutable_study_descriptor() = Describe(AStudy("kws").WithFloat("x").WithObjective("y"));
  request.add_trial_ids(7);
  request.add_trial_ids(8);
  const auto decisions = policies_->EarlyStop(request, nullptr);
  ASSERT_OK(decisions);
  ASSERT_EQ(decisions->decisions_size(), 2);
  EXPECT_FALSE(decisions->decisions(0).should_stop());
  EXPECT_TRUE(decisions->decisions(1).should_stop());
  EXPECT_EQ(decisions->decisions(1).id(), 8);
  EXPECT_THAT(decisions->decisions(1).reason(), HasSubstr("median"));
  request.add_trial_ids(1);
  EXPECT_TRUE(absl::IsNotFound(policies_->EarlyStop(request, nullptr).status())) << "it is finished";
}

TEST_F(ServedPoliciesTest, AStoppedTrialCountsByWhatWasPredictedOfIt) {
  for (int trial = 0; trial < 24; ++trial) {
    const double x = trial / 24.0;
    pb::Trial& finished = vizier_.Add(x, pb::Trial::SUCCEEDED);
    for (int step = 1; step <= 20; ++step) {
      *finished.add_measurements() = AMeasurement(step, {{"y", (0.5 + 0.3 * x) * (1 - std::exp(-step / 5.0))}});
    }
    *finished.mutable_final_measurement() = finished.measurements(19);
  }
  pb::Trial& hopeless = vizier_.Add(0.1, pb::Trial::ACTIVE);
  for (int step = 1; step <= 6; ++step) {
    *hopeless.add_measurements() = AMeasurement(step, {{"y", 0.2 * (1 - std::exp(-step / 5.0))}});
  }
  const AStudy study = AStudy("kws").WithFloat("x").WithObjective("y").WithDocument(
      R"({"early_stopping": {"rule": "TSGP", "horizon": 20, "exempt": 0}})");
  pb::EarlyStopRequest request;
  *request.mutable_study_descriptor() = Describe(study);
  request.add_trial_ids(25);
  const auto first = policies_->EarlyStop(request, nullptr);
  ASSERT_OK(first);
  ASSERT_TRUE(first->decisions(0).should_stop()) << first->decisions(0).reason();
  ASSERT_EQ(first->metadata_size(), 1);
  EXPECT_EQ(first->metadata(0).trial_id(), "25");
  // The other server notes that with the trial, and completes it where it was stopped.
  *hopeless.add_metadata() = first->metadata(0).metadatum();
  const auto decision = StopDecisionOf(hopeless);
  ASSERT_TRUE(decision.has_value());
  EXPECT_EQ(decision->step(), 6);
  EXPECT_LT(decision->predicted_final(), 0.51) << "less than full trials beside it reached, which was 0.52";

  const auto lesson = policies_->EarlyStop(request, [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(lesson.status())) << "trials are fetched anew";
  const auto again = policies_->EarlyStop(request, nullptr);
  ASSERT_OK(again);
  EXPECT_EQ(again->DebugString(), first->DebugString());

  // What a search is told is the prediction: another one of the same kind answers alike.
  hopeless.set_state(pb::Trial::SUCCEEDED);
  *hopeless.mutable_final_measurement() = hopeless.measurements(5);
  const auto ask = [&] {
    pb::SuggestRequest suggest = Ask("DEFAULT");
    *suggest.mutable_study_descriptor() = Describe(study);
    return *policies_->Suggest(suggest, nullptr);
  };
  const auto with_prediction = ask();
  hopeless.clear_metadata();
  EXPECT_NE(with_prediction.DebugString(), ask().DebugString());
  hopeless.mutable_final_measurement()->mutable_metrics(0)->set_value(decision->predicted_final());
  EXPECT_EQ(with_prediction.DebugString(), ask().DebugString());
}

TEST_F(ServedPoliciesTest, TheIncumbentCountsHoweverLongAgo) {
  const auto add = [&](double final, pb::Trial::State state) {
    pb::Trial& trial = vizier_.Add(0.5, state);
    for (int step = 1; step <= 10; ++step) {
      *trial.add_measurements() = AMeasurement(step, {{"y", final * (1 - std::exp(-step / 2.0))}});
    }
    if (state == pb::Trial::SUCCEEDED) *trial.mutable_final_measurement() = trial.measurements(9);
    return final * (1 - std::exp(-5.0));
  };
  double best = 0;
  for (int trial = 1; trial <= 1100; ++trial) {
    best = std::max(best, add(trial == 50 ? 0.95 : 0.6 + 0.0001 * (trial % 100), pb::Trial::SUCCEEDED));
  }
  add(0.5, pb::Trial::ACTIVE);
  pb::EarlyStopRequest request;
  *request.mutable_study_descriptor() = Describe(AStudy("kws").WithFloat("x").WithObjective("y").WithDocument(
      R"({"early_stopping": {"rule": "DECAY_CURVE", "horizon": 11, "exempt": 1}})"));
  request.add_trial_ids(1101);
  const auto answer = policies_->EarlyStop(request, nullptr);
  ASSERT_OK(answer);
  EXPECT_FALSE(answer->decisions(0).should_stop());
  ASSERT_EQ(answer->metadata_size(), 1) << answer->decisions(0).reason();
  pb::Trial noted;
  *noted.add_metadata() = answer->metadata(0).metadatum();
  const auto decision = StopDecisionOf(noted);
  ASSERT_TRUE(decision.has_value());
  EXPECT_EQ(decision->outcome(), v1::StopDecision::EXEMPT);
  EXPECT_DOUBLE_EQ(decision->reference(), best);
}

TEST_F(ServedPoliciesTest, AStudyDocumentMayNameAnotherRule) {
  vizier_.Add(0.5, pb::Trial::ACTIVE);
  pb::EarlyStopRequest request;
  *request.mutable_study_descriptor() =
      Describe(AStudy("kws").WithFloat("x").WithObjective("y").WithDocument(R"({"early_stopping": {"rule": "NONE"}})"));
  request.add_trial_ids(1);
  const auto decisions = policies_->EarlyStop(request, nullptr);
  ASSERT_OK(decisions);
  EXPECT_FALSE(decisions->decisions(0).should_stop());
}

}  // namespace
}  // namespace photinus
