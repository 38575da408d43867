// SPDX-License-Identifier: BSL-1.0
#include <goro/go.hpp>

#include "common/program.hpp"
#include "rows.hpp"

int main(int argc, char** argv) {
  const program self{
      .name = "goro_compare",
      .version = compiler,
      .rows = {goroutine_rows(), channel_rows(), select_rows(), program_rows(), memory_rows(), blocking_rows(),
               sync_rows(), time_rows(), context_rows(), fork_join_rows(), latency_rows()},
      .with_procs = [](const row&, int procs, const auto& work) { goro::run({.max_procs = procs}, work); },
  };
  return run_program(self, argc, argv);
}
