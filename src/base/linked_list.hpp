// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace goro::runtime {

/// Objects that are linked through two of their own members, newest first.
template <class T, T* T::*Previous, T* T::*Next>
struct linked_list {
  T* first = nullptr;

  void push(T* object) noexcept {
    object->*Previous = nullptr;
    object->*Next = first;
    if (first != nullptr) first->*Previous = object;
    first = object;
  }
  void remove(T* object) noexcept {
    (object->*Previous != nullptr ? object->*Previous->*Next : first) = object->*Next;
    if (object->*Next != nullptr) object->*Next->*Previous = object->*Previous;
  }
};

}  // namespace goro::runtime
