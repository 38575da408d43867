// SPDX-License-Identifier: BSL-1.0

package main

import "sync"

var forkJoinRows = []row{
	{"fib_20", "ms", func(n int) float64 { return forkJoinFib(n, 20) }},
	{"fib_10", "ms", func(n int) float64 { return forkJoinFib(n, 10) }},
	{"pi", "ms", func(n int) float64 { return milliseconds(perRound(n, parallelPi)) }},
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func parallelFib(n, cutOff int) int {
	if n <= cutOff {
		return fib(n)
	}
	var x int
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { // wg.Go would cost a deferred call
		x = parallelFib(n-1, cutOff)
		wg.Done()
	}()
	y := parallelFib(n-2, cutOff)
	wg.Wait()
	return x + y
}

func forkJoinFib(rounds, cutOff int) float64 {
	return milliseconds(perRound(rounds, func() {
		if parallelFib(32, cutOff) != 2_178_309 {
			fail("fib: wrong number")
		}
	}))
}

const piSteps = 20_000_000

func piStep(i int) float64 {
	x := (float64(i) + 0.5) / piSteps
	return 4 / (1 + x*x)
}

// parallelPi has 100 parts, so that one that takes longer does not hold up the rest.
func parallelPi() {
	const parts = 100
	var sums [parts]float64
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() {
			var sum float64
			for i := p * (piSteps / parts); i < (p+1)*(piSteps/parts); i++ {
				sum += piStep(i)
			}
			sums[p] = sum
		})
	}
	wg.Wait()
	var pi float64
	for _, sum := range sums {
		pi += sum
	}
	pi /= piSteps
	if pi < 3.14159265 || pi > 3.14159266 {
		fail("pi: wrong number")
	}
}
