// SPDX-License-Identifier: BSL-1.0
// expect: conversion from .*recv_chan<int>.* requested|no viable conversion from .*recv_chan<int>
#include <goro/chan.hpp>

void f() {
  const goro::recv_chan<int> r = goro::make_chan<int>(1);
#ifdef MISUSE
  const goro::chan<int> c = r;
#endif
}
