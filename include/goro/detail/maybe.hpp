// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace goro::detail {

/// Room for a T that may or may not have been constructed: who has the room knows.
template <class T>
union maybe {
  maybe() noexcept {}
  ~maybe() {}
  T value;
};

}  // namespace goro::detail
