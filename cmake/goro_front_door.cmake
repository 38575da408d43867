# SPDX-License-Identifier: BSL-1.0
# goro-run.sh in the build directory: how ./goro run compiles and links a program in this configuration.

function(goro_shell_words out)
  set(words)
  foreach(word IN LISTS ARGN)
    string(REPLACE "'" "'\\''" word "${word}")
    string(APPEND words " '${word}'")
  endforeach()
  set(${out} "(${words} )" PARENT_SCOPE)
endfunction()

string(TOUPPER "${CMAKE_BUILD_TYPE}" config)
separate_arguments(compile_flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${config}}")
separate_arguments(compiler_arguments UNIX_COMMAND "${CMAKE_CXX_COMPILER_ARG1}")
separate_arguments(link_flags UNIX_COMMAND "${CMAKE_EXE_LINKER_FLAGS}")
set(sanitize_flags ${GORO_SANITIZE_FLAGS})
if(GORO_SANITIZE)
  list(APPEND sanitize_flags -fno-omit-frame-pointer)
endif()
set(libraries "$<TARGET_FILE:goro>")
if(GORO_HAVE_LIBDW)
  list(APPEND libraries ${GORO_LIBDW_LINK_LIBRARIES})
endif()

goro_shell_words(compiler "${CMAKE_CXX_COMPILER}" ${compiler_arguments})
goro_shell_words(compile_words ${CMAKE_CXX20_STANDARD_COMPILE_OPTION} ${compile_flags} ${sanitize_flags} -pthread
  "-I${PROJECT_SOURCE_DIR}/include")
goro_shell_words(link_words ${link_flags} ${libraries})
file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/goro-run.sh"
  CONTENT "compiler=${compiler}\ncompile_flags=${compile_words}\nlink_flags=${link_words}\n")
