// SPDX-License-Identifier: BSL-1.0
// The ways to receive and to send that must all agree when the channel is ready.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

struct receive_form {
  const char* name;
  std::optional<int> (*receive)(const goro::chan<int>& ch);
};

struct send_form {
  const char* name;
  void (*send)(const goro::chan<int>& ch, int value);
};

inline std::optional<int> received(int value, bool ok) { return ok ? std::optional<int>(value) : std::nullopt; }

inline const std::array receive_forms{
    receive_form{"recv()", [](const goro::chan<int>& ch) { return ch.recv(); }},
    receive_form{"recv() on a recv_chan", [](const goro::chan<int>& ch) { return goro::recv_chan<int>(ch).recv(); }},
    receive_form{">>",
                 [](const goro::chan<int>& ch) {
                   int x = -1;
                   const bool ok = ch >> x;
                   return received(x, ok);
                 }},
    receive_form{"try_recv",
                 [](const goro::chan<int>& ch) {
                   int x = -1;
                   const bool ok = ch.try_recv(x) == goro::recv_status::ok;
                   return received(x, ok);
                 }},
    receive_form{"range",
                 [](const goro::chan<int>& ch) {
                   for (int v : ch) return std::optional<int>(v);
                   return std::optional<int>();
                 }},
    receive_form{"select with one case",
                 [](const goro::chan<int>& ch) {
                   int x = -1;
                   bool ok = false;
                   goro::select(goro::recv(ch, x, ok));
                   return received(x, ok);
                 }},
    receive_form{"select with a case that never is ready",
                 [](const goro::chan<int>& ch) {
                   const auto never = goro::make_chan<int>();
                   std::optional<int> x = -1;
                   goro::select(goro::recv(never), goro::recv(ch, x));
                   return x;
                 }},
    receive_form{"select with a nil case",
                 [](const goro::chan<int>& ch) {
                   std::optional<int> x = -1;
                   goro::select(goro::recv(ch, x), goro::recv(goro::chan<int>()));
                   return x;
                 }},
    receive_form{"select with otherwise",
                 [](const goro::chan<int>& ch) {
                   std::optional<int> x = -1;
                   goro::select(goro::recv(ch, [&](std::optional<int> v) { x = v; }), goro::otherwise);
                   return x;
                 }},
    receive_form{"select over a span",
                 [](const goro::chan<int>& ch) {
                   std::optional<int> x = -1;
                   const goro::chan<int> nil;
                   std::vector<goro::select_case> cases;
                   cases.emplace_back(goro::recv(nil));
                   cases.emplace_back(goro::recv(ch, x));
                   goro::select(cases);
                   return x;
                 }},
};

inline const std::array send_forms{
    send_form{"send()", [](const goro::chan<int>& ch, int v) { ch.send(v); }},
    send_form{"send() on a send_chan", [](const goro::chan<int>& ch, int v) { goro::send_chan<int>(ch).send(v); }},
    send_form{"<<", [](const goro::chan<int>& ch, int v) { ch << v; }},
    send_form{"try_send", [](const goro::chan<int>& ch, int v) { static_cast<void>(ch.try_send(v)); }},
    send_form{"select with one case", [](const goro::chan<int>& ch, int v) { goro::select(goro::send(ch, v)); }},
    send_form{"select with a case that never is ready",
              [](const goro::chan<int>& ch, int v) {
                const auto never = goro::make_chan<int>();
                goro::select(goro::send(ch, v), goro::recv(never));
              }},
    send_form{"select with otherwise",
              [](const goro::chan<int>& ch, int v) { goro::select(goro::send(ch, v), goro::otherwise); }},
    send_form{"select over a span",
              [](const goro::chan<int>& ch, int v) {
                std::vector<goro::select_case> cases;
                cases.emplace_back(goro::send(ch, v));
                goro::select(cases);
              }},
};
