// SPDX-License-Identifier: BSL-1.0
#include "goro/goro.hpp"

int stub::answer() { return 42; }
