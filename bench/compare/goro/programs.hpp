// SPDX-License-Identifier: BSL-1.0
#pragma once

void skynet_million();
