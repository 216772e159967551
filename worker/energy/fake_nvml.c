/* What nvml_counter.cc calls of NVIDIA's management library: one GPU, which uses 1500 mJ between two readings. */

static int initialised = 0;
static unsigned long long energy_mj = 1000000;

int nvmlInit_v2(void) {
  ++initialised;
  return 0;
}

int nvmlShutdown(void) {
  --initialised;
  return 0;
}

const char* nvmlErrorString(int fault) { return fault == 2 ? "Invalid Argument" : "Unknown Error"; }

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  if (initialised == 0) return 1;
  if (index > 0) return 2;
  *device = &energy_mj;
  return 0;
}

int nvmlDeviceGetTotalEnergyConsumption(void* device, unsigned long long* energy) {
  if (initialised == 0 || device != &energy_mj) return 1;
  *energy = energy_mj;
  energy_mj += 1500;
  return 0;
}
