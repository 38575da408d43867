// SPDX-License-Identifier: BSL-1.0
#include "arch/exception_state.hpp"

namespace goro::runtime {

exception_state* thread_exception_state() noexcept {
  return reinterpret_cast<exception_state*>(abi::__cxa_get_globals());
}

}  // namespace goro::runtime
