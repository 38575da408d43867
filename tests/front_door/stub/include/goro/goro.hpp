// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace stub {
int answer();
}
