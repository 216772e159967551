// Keeps discrete parameters from freezing: CMA-ES with margin.
#ifndef PHOTINUS_SERVER_ALGORITHMS_CMA_ES_MARGIN_H_
#define PHOTINUS_SERVER_ALGORITHMS_CMA_ES_MARGIN_H_

#include <limits>

namespace photinus {

// The values of a coordinate that are rounded to one level; the first and the last level have no end.
struct Cell {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

struct Marginal {
  double mean = 0;
  double deviation = 0;
};

// The marginal distribution of a discrete coordinate, changed so that a draw leaves the cell of the mean with
// probability alpha at least: in the first and the last cell the mean moves towards the border, in others each side
// gets alpha / 2 by mean and deviation [Hamano et al. 2022, "CMA-ES with Margin", sections 4.2 and 4.3]. cell: the
// mean's.
Marginal WithMargin(const Marginal& marginal, const Cell& cell, double alpha);

// A draw of the marginal distribution given that it lies in `cell`, from a uniform number in [0, 1): where a trial was
// drawn from of which only the level is known. The cell's nearest end where the cell is too far out.
double DrawWithin(const Marginal& marginal, const Cell& cell, double uniform);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_CMA_ES_MARGIN_H_
