# photinus_torch: libtorch, Debian's or the one in PHOTINUS_TORCH_PREFIX.
set(PHOTINUS_TORCH_PREFIX "" CACHE PATH
    "Another libtorch than Debian's: an unpacked libtorch, or torch.utils.cmake_prefix_path of a Python wheel")

add_library(photinus_torch INTERFACE)
if(NOT PHOTINUS_TORCH_PREFIX)
  find_package(Torch 1.13 REQUIRED GLOBAL)  # a benchmark in tests/ links it, too
  target_link_libraries(photinus_torch INTERFACE ${TORCH_LIBRARIES} ${CMAKE_DL_LIBS})
  return()
endif()

# Not by the TorchConfig.cmake that lies there: that of a CUDA build asks for the whole CUDA toolkit, which code that
# names no CUDA function does not need.
find_path(PHOTINUS_TORCH_ROOT NAMES include/torch/csrc/api/include/torch/torch.h NO_DEFAULT_PATH NO_CACHE
          PATHS ${PHOTINUS_TORCH_PREFIX} ${PHOTINUS_TORCH_PREFIX}/../..)
if(NOT PHOTINUS_TORCH_ROOT)
  message(FATAL_ERROR "there is no libtorch in ${PHOTINUS_TORCH_PREFIX}: include/torch/csrc/api/include/torch/torch.h is missing")
endif()
target_include_directories(photinus_torch SYSTEM INTERFACE
  ${PHOTINUS_TORCH_ROOT}/include ${PHOTINUS_TORCH_ROOT}/include/torch/csrc/api/include)
# All that are there, whether a symbol of theirs is named or not: libtorch_cuda registers its kernels when it is loaded.
target_link_options(photinus_torch INTERFACE LINKER:--no-as-needed LINKER:--allow-shlib-undefined)
foreach(LIBRARY torch torch_cpu c10 torch_cuda c10_cuda)
  if(EXISTS ${PHOTINUS_TORCH_ROOT}/lib/lib${LIBRARY}.so)
    target_link_libraries(photinus_torch INTERFACE ${PHOTINUS_TORCH_ROOT}/lib/lib${LIBRARY}.so)
  endif()
endforeach()
target_link_libraries(photinus_torch INTERFACE ${CMAKE_DL_LIBS})

# A libtorch with the old string ABI (wheels up to 2.5) sets it for all of this build, which can then hold the libtorch
# rooms alone: Debian's gRPC and GoogleTest have the new one.
file(GLOB_RECURSE PHOTINUS_TORCH_CONFIG ${PHOTINUS_TORCH_ROOT}/share/cmake/Torch/TorchConfig.cmake)
if(PHOTINUS_TORCH_CONFIG)
  file(STRINGS ${PHOTINUS_TORCH_CONFIG} OLD_ABI REGEX "_GLIBCXX_USE_CXX11_ABI=0")
  if(OLD_ABI)
    if(PHOTINUS_BUILD_SERVICES OR PHOTINUS_BUILD_TESTS)
      message(FATAL_ERROR "this libtorch has the old C++ ABI: configure with -DPHOTINUS_BUILD_SERVICES=OFF -DPHOTINUS_BUILD_TESTS=OFF")
    endif()
    target_compile_definitions(photinus_options INTERFACE _GLIBCXX_USE_CXX11_ABI=0)
  endif()
endif()
