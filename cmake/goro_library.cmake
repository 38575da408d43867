# SPDX-License-Identifier: BSL-1.0
# goro_add_library(<name> FLAGS <flag>...): the runtime as a static library; the flags are compiled in and asked of
# whoever links it.

if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|aarch64|arm64)$")
  message(FATAL_ERROR "goro runs on Linux on x86-64 and aarch64, not on ${CMAKE_SYSTEM_NAME} on ${CMAKE_SYSTEM_PROCESSOR}")
endif()
if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
    OR (CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16))
  message(FATAL_ERROR
    "goro needs g++ 12 or clang++ 16 or later; ${CMAKE_CXX_COMPILER} is ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
endif()

find_package(Threads REQUIRED)

set(GORO_HAVE_LIBDW OFF)
if(NOT GORO_SYMBOLIZER STREQUAL "OFF" AND NOT CMAKE_CROSSCOMPILING)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(GORO_LIBDW QUIET libdw)
  endif()
  if(GORO_LIBDW_FOUND)
    set(GORO_HAVE_LIBDW ON)
  elseif(GORO_SYMBOLIZER STREQUAL "ON")
    message(FATAL_ERROR "GORO_SYMBOLIZER=ON needs libdw and pkg-config (Debian: libdw-dev pkg-config)")
  endif()
endif()

file(GLOB GORO_SOURCES CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*/*.cpp" "${PROJECT_SOURCE_DIR}/src/arch/*.S")
file(GLOB_RECURSE GORO_HEADERS CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/goro/*.hpp")

function(goro_add_library name)
  cmake_parse_arguments(arg "" "" "FLAGS" ${ARGN})

  add_library(${name} STATIC ${GORO_SOURCES})
  target_sources(${name} PUBLIC
    FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${GORO_HEADERS})
  target_include_directories(${name}
    PUBLIC
      "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
      "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_compile_features(${name} PUBLIC cxx_std_20)
  set_target_properties(${name} PROPERTIES
    CXX_EXTENSIONS OFF
    POSITION_INDEPENDENT_CODE ON
    GORO_SANITIZE_FLAGS "${arg_FLAGS}")
  target_compile_options(${name} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -fno-plt>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Debug>>:-fno-omit-frame-pointer>)
  target_link_libraries(${name} PUBLIC Threads::Threads)

  if(arg_FLAGS)
    target_compile_options(${name} PUBLIC ${arg_FLAGS} PRIVATE -fno-omit-frame-pointer)
    target_link_options(${name} PUBLIC ${arg_FLAGS})
  endif()
  if(GORO_HAVE_LIBDW)
    target_compile_definitions(${name} PRIVATE GORO_HAVE_LIBDW=1)
    target_include_directories(${name} PRIVATE ${GORO_LIBDW_INCLUDE_DIRS})
    target_link_libraries(${name} PRIVATE
      "$<BUILD_INTERFACE:${GORO_LIBDW_LINK_LIBRARIES}>" "$<INSTALL_INTERFACE:dw>")
  endif()
endfunction()
