// SPDX-License-Identifier: BSL-1.0
// expect: conversion|convert
#include <goro/chan.hpp>

void f() {
  const auto c = goro::make_chan<int>();
  if (c) return;
#ifdef MISUSE
  const int n = c;
  static_cast<void>(n);
#endif
}
