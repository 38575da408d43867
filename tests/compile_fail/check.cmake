# SPDX-License-Identifier: BSL-1.0
# cmake -DCOMPILER=... -DFLAGS=... -DSOURCE=... -P check.cmake

file(STRINGS "${SOURCE}" expectation REGEX "^// expect: ")
string(REGEX REPLACE "^// expect: " "" expectation "${expectation}")
if(NOT expectation)
  message(FATAL_ERROR "${SOURCE} has no line \"// expect: <regular expression>\"")
endif()

set(ENV{LC_ALL} C)
execute_process(COMMAND "${COMPILER}" ${FLAGS} "${SOURCE}"
  RESULT_VARIABLE status ERROR_VARIABLE words OUTPUT_VARIABLE words)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "without the misuse it must compile, but:\n${words}")
endif()

execute_process(COMMAND "${COMPILER}" ${FLAGS} -DMISUSE "${SOURCE}"
  RESULT_VARIABLE status ERROR_VARIABLE words OUTPUT_VARIABLE words)
if(status EQUAL 0)
  message(FATAL_ERROR "the misuse compiles")
endif()
if(NOT words MATCHES "${expectation}")
  message(FATAL_ERROR "the compiler does not say \"${expectation}\":\n${words}")
endif()
