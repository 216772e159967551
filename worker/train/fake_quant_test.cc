#include "worker/train/fake_quant.h"

#include <gtest/gtest.h>

#include "worker/train/optimizer.h"

namespace photinus::train {
namespace {

TEST(FakeQuantize, AgreesWithLibtorchInValuesAndGradients) {
  torch::manual_seed(3);
  for (const graph::Quantization& quantization :
       {graph::Quantization{0.02f, -128}, graph::Quantization{0.031f, 5}, graph::Quantization{1.0f, 127}}) {
    const Tensor x = torch::randn({4, 5, 6, 7}) * 3;
    Tensor ours = x.clone().requires_grad_(true), theirs = x.clone().requires_grad_(true);
    const Tensor a = FakeQuantize(ours, quantization);
    const Tensor b = torch::fake_quantize_per_tensor_affine(theirs, static_cast<double>(quantization.scale),
                                                            quantization.zero_point, -128, 127);
    EXPECT_TRUE(torch::allclose(a, b, 0, 1e-6));
    a.sum().backward();
    b.sum().backward();
    EXPECT_TRUE(torch::equal(ours.grad(), theirs.grad()));
  }
}

TEST(FakeQuantize, PassesGradientsInsideTheRangeOnly) {
  Tensor x = torch::tensor({-3.0f, -1.27f, 0.001f, 1.2f, 1.28f, 5.0f}).requires_grad_(true);
  const Tensor y = FakeQuantize(x, {0.01f, 0});  // -1.28..1.27
  y.sum().backward();
  EXPECT_TRUE(torch::allclose(y.detach(), torch::tensor({-1.28f, -1.27f, 0.0f, 1.2f, 1.27f, 1.27f})));
  EXPECT_TRUE(torch::equal(x.grad(), torch::tensor({0.0f, 1.0f, 1.0f, 1.0f, 0.0f, 0.0f})));
}

TEST(FakeQuantize, KeepsTheOrderOfAxesInMemory) {
  const Tensor x = torch::randn({2, 3, 4, 5}).permute({0, 3, 1, 2});
  const Tensor sliced = torch::randn({2, 3, 4, 5}).slice(2, 0, 4, 2);
  for (const Tensor& tensor : {x, sliced}) {
    const Tensor expected = torch::fake_quantize_per_tensor_affine(tensor, 0.02, 3, -128, 127);
    EXPECT_TRUE(torch::allclose(FakeQuantize(tensor, {0.02f, 3}), expected, 0, 1e-6));
  }
}

TEST(FakeQuantize, LetsNotANumberThrough) {
  const Tensor y = FakeQuantize(torch::tensor({0.0f, std::nanf("")}), {0.02f, 0});
  EXPECT_TRUE(torch::isnan(y[1]).item<bool>());
}

TEST(FakeQuantizeWeights, UsesOneScalePerChannelOrOneInAll) {
  const Tensor w = torch::tensor({1.0f, -0.5f, 0.01f, 0.004f, 0.0f, 0.0f}).reshape({3, 2, 1, 1});
  EXPECT_TRUE(torch::allclose(WeightScales(w, true), torch::tensor({1.0f, 0.01f, 1.0f}) / 127));
  EXPECT_TRUE(torch::allclose(WeightScales(w, false), torch::tensor({1.0f}) / 127));
  const Tensor per_channel = FakeQuantizeWeights(w, true).flatten();
  EXPECT_NEAR(per_channel[1].item<float>(), -64.0 / 127, 1e-6);  // -63.5 rounds to even
  EXPECT_NEAR(per_channel[3].item<float>(), 51.0 / 127 * 0.01, 1e-8);
  EXPECT_NEAR(FakeQuantizeWeights(w, false).flatten()[3].item<float>(), 1.0 / 127, 1e-6);  // 0.508 rounds up
}

TEST(Observe, FollowsTheBatchesSlowlyAfterTheFirst) {
  Range range;
  Observe(torch::tensor({-1.0f, 2.0f}), range);
  EXPECT_FLOAT_EQ(range.low, -1);
  EXPECT_FLOAT_EQ(range.high, 2);
  Observe(torch::tensor({-3.0f, 1.0f}), range);
  EXPECT_FLOAT_EQ(range.low, -1.02f);
  EXPECT_FLOAT_EQ(range.high, 1.99f);
}

TEST(Observe, LeavesAFixedRangeAlone) {
  Range range = {0, 6, true, true};
  Observe(torch::tensor({-1.0f, 20.0f}), range);
  EXPECT_EQ(range.low, 0);
  EXPECT_EQ(range.high, 6);
}

// Three steps by hand: m and v from their definitions, decay on the first number only.
TEST(AdamW, FollowsItsDefinition) {
  Tensor values = torch::tensor({1.0f, 2.0f}), gradients = torch::zeros({2});
  AdamW optimizer(values, gradients, torch::tensor({1.0f, 0.0f}), 0.1);
  double expected[2] = {1, 2}, m[2] = {0, 0}, v[2] = {0, 0};
  for (int step = 1; step <= 3; ++step) {
    const double g[2] = {0.5 * step, -0.25};
    gradients.copy_(torch::tensor({static_cast<float>(g[0]), static_cast<float>(g[1])}));
    optimizer.Step(0.01);
    for (int i = 0; i < 2; ++i) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      const double m_hat = m[i] / (1 - std::pow(0.9, step)), v_hat = v[i] / (1 - std::pow(0.999, step));
      if (i == 0) expected[i] -= 0.01 * 0.1 * expected[i];
      expected[i] -= 0.01 * m_hat / (std::sqrt(v_hat) + 1e-8);
      EXPECT_NEAR(values[i].item<float>(), expected[i], 1e-6);
    }
    EXPECT_EQ(gradients.abs().sum().item<float>(), 0);
  }
}

}  // namespace
}  // namespace photinus::train
