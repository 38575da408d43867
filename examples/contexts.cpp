// SPDX-License-Identifier: BSL-1.0
// X1: contexts. The roots, a value, a timeout that a worker sees, a cancelled logger, a hierarchy.
#include <iostream>
#include <string>

#include <goro/goro.hpp>

using namespace std::chrono_literals;
using goro::context;

inline constexpr goro::context_key<std::string> request_id{"requestID"};

void roots_and_values() {
  const context todo = context::todo();
  const context background = context::background();
  const context ctx = context::with_value(todo, request_id, "42");
  std::cout << todo << '\n' << background << '\n' << ctx << '\n';
  std::cout << "request " << *ctx.value(request_id) << '\n';
  std::cout << "in the background: " << (background.value(request_id) == nullptr ? "no value" : "a value") << '\n';
}

std::string check_even_odd(const context& ctx, int n) {
  if (ctx.err()) return "operation canceled: " + ctx.err().message();
  return std::to_string(n) + (n % 2 == 0 ? " is even" : " is odd");
}

void a_timeout() {
  auto [ctx, cancel] = context::with_timeout(context::background(), 20ms);
  std::cout << check_even_odd(ctx, 5) << '\n';
  ctx.done().recv();
  std::cout << check_even_odd(ctx, 6) << '\n';
}

void a_logger_is_cancelled() {
  auto [ctx, cancel] = context::with_cancel(context::background());
  const auto lines = goro::make_chan<std::string>();
  const auto logger_done = goro::make_chan<void>();
  goro::go([ctx = ctx, lines, logger_done] {
    for (bool logging = true; logging;) {
      goro::select(goro::recv(lines, [](std::optional<std::string> line) { std::cout << "log: " << *line << '\n'; }),
                   goro::recv(ctx.done(), [&] { logging = false; }));
    }
    std::cout << "logger: " << ctx.err().message() << '\n';
    logger_done.close();
  });
  lines << "first";
  lines << "second";
  cancel();
  logger_done.recv();
}

void a_hierarchy() {
  auto [parent, cancel_parent] = context::with_cancel_cause(context::background());
  auto [child, cancel_child] = context::with_cancel(parent);
  auto [sibling, cancel_sibling] = context::with_timeout(parent, 1h);
  cancel_child();
  std::cout << "child: " << child.err().message() << "; parent: " << (parent.err() ? "done" : "goes on") << '\n';
  cancel_parent(std::make_error_code(std::errc::no_space_on_device));
  std::cout << "sibling: " << sibling.err().message() << '\n';
  try {
    std::rethrow_exception(sibling.cause());
  } catch (const std::system_error& cause) {
    std::cout << "cause: " << cause.code().message() << '\n';
  }
}

int main() {
  return goro::run([] {
    roots_and_values();
    a_timeout();
    a_logger_is_cancelled();
    a_hierarchy();
  });
}
