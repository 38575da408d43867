# SPDX-License-Identifier: BSL-1.0
# cmake --install: the headers, the library and its sanitizer variants, and what find_package and pkg-config read.

include(CMakePackageConfigHelpers)

set(GORO_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/goro" CACHE PATH "Where goroConfig.cmake goes")
set(targets goro)
if(GORO_INSTALL_SANITIZER_VARIANTS)
  list(APPEND targets goro_asan goro_tsan)
  set_target_properties(goro_asan PROPERTIES EXPORT_NAME asan)
  set_target_properties(goro_tsan PROPERTIES EXPORT_NAME tsan)
endif()
set_target_properties(goro PROPERTIES EXPORT_NAME plain)

install(TARGETS ${targets} EXPORT goroTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT goroTargets NAMESPACE goro:: DESTINATION "${GORO_INSTALL_CMAKEDIR}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/goro")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/goroConfig.cmake.in" "${PROJECT_BINARY_DIR}/goroConfig.cmake"
  INSTALL_DESTINATION "${GORO_INSTALL_CMAKEDIR}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/goroConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/goroConfig.cmake" "${PROJECT_BINARY_DIR}/goroConfigVersion.cmake"
  DESTINATION "${GORO_INSTALL_CMAKEDIR}")

# The files find the prefix from where they are, so that an installed tree can be moved.
file(RELATIVE_PATH GORO_PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" GORO_PC_PREFIX "${GORO_PC_PREFIX}")

# The library is static, so what it links goes into Libs itself: nobody has to think of pkg-config --static.
foreach(target IN LISTS targets)
  string(REPLACE "_" "-" package "${target}")
  set(GORO_PC_NAME "${package}")
  set(GORO_PC_LIBRARY "${target}")
  get_target_property(flags ${target} GORO_SANITIZE_FLAGS)
  string(REPLACE ";" " " GORO_PC_FLAGS "${flags}")
  set(GORO_PC_LIBS "")
  if(GORO_HAVE_LIBDW)
    set(GORO_PC_LIBS " -ldw")
  endif()
  configure_file("${PROJECT_SOURCE_DIR}/cmake/goro.pc.in" "${PROJECT_BINARY_DIR}/${package}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${package}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()
