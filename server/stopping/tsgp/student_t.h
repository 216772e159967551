// What trials end with that now and then end far better than predicted.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_STUDENT_T_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_STUDENT_T_H_

namespace photinus {

// Degrees of freedom of how a final value is distributed about its prediction. Curves that jump late or rise more
// slowly than the model believes make a tail that a normal distribution does not have: of the trials of the benchmark 2
// % end more than 3 deviations above their prediction, as of this distribution, where a normal one has 0.1 %.
inline constexpr double kFreedom = 4;

// P(T > z) and E[max(T - z, 0)] for T of Student's t-distribution with kFreedom degrees. z: finite.
double StudentChanceAbove(double z);
double StudentGainAbove(double z);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_STUDENT_T_H_
