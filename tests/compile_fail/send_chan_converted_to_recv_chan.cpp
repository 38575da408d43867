// SPDX-License-Identifier: BSL-1.0
// expect: conversion from .*send_chan<int>.* requested|no viable conversion from .*send_chan<int>
#include <goro/chan.hpp>

void f() {
  const goro::send_chan<int> s = goro::make_chan<int>(1);
#ifdef MISUSE
  const goro::recv_chan<int> r = s;
#endif
}
