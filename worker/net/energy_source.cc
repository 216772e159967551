#include "worker/net/energy_source.h"

#include "worker/predictor/energy_source.h"

namespace photinus::net {

std::string ResolveEnergySource(std::string& source) {
  const Result<predictor::EnergySource> opened = predictor::EnergySource::Open(source);
  if (!opened.ok()) return opened.error().message;
  source = opened->name();
  return "";
}

}  // namespace photinus::net
