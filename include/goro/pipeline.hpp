// SPDX-License-Identifier: BSL-1.0
// Pipelines: a source, stages and a sink, joined with |. Not part of goro/goro.hpp.
//
//   namespace gp = goro::pipeline;
//   std::vector<int> squares = gp::from(numbers) | gp::filter(is_odd) | gp::map(square) | gp::take(10) | gp::collect();
//
//   sources    generate(f)  from(range)  from(channel)  lines(path)  merge(sources...)
//   stages     map(f)  filter(f)  fan_out(n, f)  fan_out(ordered, n, f)  batch(n)  take(n)  take_while(f)  tee(f)
//              tee(branch)  buffered(n)
//   sinks      for_each(f)  collect()  fold(init, f)  count()  broadcast(branches...)  a range-for, pull(ctx)
//
// What is written down is a description; it runs when a sink pulls. Each stage is a goroutine of its own, fan_out(n) is n
// of them, and channels with room for 64 elements lie between: a slow stage slows down those above, and memory is bounded.
//
// A pipeline ends when its sources do, when a sink or a take() wants no more, when a stage throws, or when the context given
// to the sink, as its first argument, is done. In each case, the sink returns, or throws, when all goroutines have ended. What
// is then under way is dropped. A function that waits for something should take a context, as its first parameter: it is
// done when the function's result is not wanted any more. An exception that comes after that is dropped.
//
// Elements are moved from stage to stage, so they may be move-only; their move constructors must be noexcept.
#pragma once

#include <goro/pipeline/adaptor.hpp>
#include <goro/pipeline/broadcast.hpp>
#include <goro/pipeline/fan_out.hpp>
#include <goro/pipeline/lines.hpp>
#include <goro/pipeline/merge.hpp>
#include <goro/pipeline/sinks.hpp>
#include <goro/pipeline/source.hpp>
#include <goro/pipeline/stages.hpp>
