#ifndef PHOTINUS_WORKER_TRAIN_VECTORIZED_H_
#define PHOTINUS_WORKER_TRAIN_VECTORIZED_H_

// Before a function: it is compiled for AVX2 as well, and the processor decides which of both runs. Results are equal
// to the last bit, because products and sums are not fused. Nothing where compilers, processors or sanitizers cannot.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define PHOTINUS_VECTORIZED __attribute__((target_clones("avx2", "default")))
#else
#define PHOTINUS_VECTORIZED
#endif

// What is called in such a function has to be part of it.
#define PHOTINUS_INLINE __attribute__((always_inline))

#endif  // PHOTINUS_WORKER_TRAIN_VECTORIZED_H_
