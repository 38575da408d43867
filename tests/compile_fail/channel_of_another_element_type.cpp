// SPDX-License-Identifier: BSL-1.0
// expect: conversion from .*chan<int>.* requested|no viable conversion from .*chan<int>
#include <goro/chan.hpp>

void f() {
  const auto c = goro::make_chan<int>();
#ifdef MISUSE
  const goro::chan<long> other = c;
#endif
}
