// SPDX-License-Identifier: BSL-1.0
// Parts of the standard library without all the rest of their headers, where they can be had in parts: that would be
// more than half of what #include <goro/goro.hpp> costs (./goro bench compile_time).
#pragma once

#include <string>

#if defined(__GLIBCXX__) && __has_include(<bits/chrono.h>) && __has_include(<bits/shared_ptr.h>) && \
    __has_include(<bits/std_function.h>) && __has_include(<bits/stl_iterator.h>)
#include <bits/chrono.h>        // durations, time points and clocks
#include <bits/shared_ptr.h>    // std::shared_ptr
#include <bits/std_function.h>  // std::function
#include <bits/stl_iterator.h>  // std::default_sentinel_t
namespace std {
class stop_token;
}
#else
#include <chrono>
#include <functional>
#include <iterator>
#include <memory>
#include <stop_token>
#endif
