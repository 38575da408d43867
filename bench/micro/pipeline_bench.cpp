// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <optional>
#include <string>

#include <goro/pipeline.hpp>

#include "harness.hpp"

namespace {

namespace gp = goro::pipeline;

auto numbers(count n) {
  return gp::generate([n]() mutable { return n > 0 ? std::optional<count>(n--) : std::nullopt; });
}

/// From a source through a map and a filter to the one who waits: an operation is an element.
void BM_PipelineOf3Stages(benchmark::State& state) {
  run_all(state, [&](count n) {
    const auto sum = numbers(n) | gp::map([](count x) { return x + 1; }) | gp::filter([](count x) { return x > 0; }) |
                     gp::fold(count{0}, [](count a, count x) { return a + x; });
    benchmark::DoNotOptimize(sum);
  });
}

/// The same with strings that own memory.
void BM_PipelineOf3StagesOfStrings(benchmark::State& state) {
  run_all(state, [&](count n) {
    const auto size = numbers(n) | gp::map([](count) { return std::string(60, 'x'); }) |
                      gp::filter([](const std::string& s) { return !s.empty(); }) |
                      gp::fold(std::size_t{0}, [](std::size_t a, const std::string& s) { return a + s.size(); });
    benchmark::DoNotOptimize(size);
  });
}

void BM_PipelineFanOut4(benchmark::State& state) {
  run_all(state, [&](count n) {
    benchmark::DoNotOptimize(numbers(n) | gp::fan_out(4, [](count x) { return x; }) | gp::count());
  });
}
void BM_PipelineFanOutOrdered4(benchmark::State& state) {
  run_all(state, [&](count n) {
    benchmark::DoNotOptimize(numbers(n) | gp::fan_out(gp::ordered, 4, [](count x) { return x; }) | gp::count());
  });
}

BENCHMARK(BM_PipelineOf3Stages)->Apply(on_one_and_two_processors);
BENCHMARK(BM_PipelineOf3StagesOfStrings)->Apply(on_one_and_two_processors);
BENCHMARK(BM_PipelineFanOut4)->Apply(on_one_and_two_processors);
BENCHMARK(BM_PipelineFanOutOrdered4)->Apply(on_one_and_two_processors);

}  // namespace
