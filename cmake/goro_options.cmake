# SPDX-License-Identifier: BSL-1.0
# What can be chosen at configure time.

option(GORO_BUILD_TESTS "Build the tests (needs GoogleTest)" ${PROJECT_IS_TOP_LEVEL})
option(GORO_BUILD_EXAMPLES "Build the example programs" ${PROJECT_IS_TOP_LEVEL})
option(GORO_BUILD_BENCHMARKS "Build the benchmarks (needs Google Benchmark)" ${PROJECT_IS_TOP_LEVEL})
option(GORO_INSTALL "Generate the install rules" ${PROJECT_IS_TOP_LEVEL})
option(GORO_INSTALL_SANITIZER_VARIANTS
  "Also build and install libgoro_asan.a and libgoro_tsan.a, for consumers that use a sanitizer" OFF)

set(GORO_SANITIZE "" CACHE STRING "Build everything with a sanitizer: empty, address (with undefined) or thread")
set_property(CACHE GORO_SANITIZE PROPERTY STRINGS "" address thread)
if(NOT GORO_SANITIZE MATCHES "^(|address|thread)$")
  message(FATAL_ERROR "GORO_SANITIZE is '${GORO_SANITIZE}'; it must be empty, address or thread")
endif()
if(GORO_SANITIZE AND GORO_INSTALL_SANITIZER_VARIANTS)
  message(FATAL_ERROR "GORO_INSTALL_SANITIZER_VARIANTS needs GORO_SANITIZE empty: the variants stand beside a plain library")
endif()

set(GORO_SYMBOLIZER AUTO CACHE STRING
  "Function names with file and line in stack traces, through libdw: AUTO (if found), ON or OFF")
set_property(CACHE GORO_SYMBOLIZER PROPERTY STRINGS AUTO ON OFF)
if(NOT GORO_SYMBOLIZER MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "GORO_SYMBOLIZER is '${GORO_SYMBOLIZER}'; it must be AUTO, ON or OFF")
endif()

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
  endif()
  # The programs' own assert() stays alive in the build that people use by default.
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")

  find_program(GORO_CCACHE ccache)
  mark_as_advanced(GORO_CCACHE)
  if(GORO_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${GORO_CCACHE}")
  endif()
endif()

set(GORO_SANITIZE_FLAGS)
if(GORO_SANITIZE STREQUAL "address")
  set(GORO_SANITIZE_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(GORO_SANITIZE STREQUAL "thread")
  set(GORO_SANITIZE_FLAGS -fsanitize=thread)
endif()
