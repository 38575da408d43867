// SPDX-License-Identifier: BSL-1.0

package main

import (
	"runtime"
	"sync"
)

var goroutineRows = []row{
	{"yield", "ns", func(n int) float64 { return perOp(n, yield) }},
	{"spawn_batch_100", "ns", func(n int) float64 { return perOp(n, func(n int) { spawnInBatches(n, 100) }) }},
	{"spawn_batch_1000", "ns", func(n int) float64 { return perOp(n, func(n int) { spawnInBatches(n, 1000) }) }},
	{"spawn_one", "ns", func(n int) float64 { return perOp(n, func(n int) { spawnInBatches(n, 1) }) }},
	{"spawn_100k", "ns", func(n int) float64 { return perRound(n, func() { spawnInBatches(100_000, 100_000) }) / 100_000 }},
	{"close_wakes_10k", "ns", closeWakes},
}

// yield has more goroutines than processors, so that each Gosched has somebody
// to give way to.
func yield(n int) {
	const goroutines = 8
	var wg sync.WaitGroup
	for range goroutines {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range n / goroutines {
				runtime.Gosched()
			}
		}()
	}
	wg.Wait()
}

func spawnInBatches(n, batch int) {
	var wg sync.WaitGroup
	for spawned := 0; spawned < n; spawned += batch {
		for range batch {
			wg.Add(1)
			go func() { wg.Done() }()
		}
		wg.Wait()
	}
}

// closeWakes has 10 000 goroutines wait for one channel and times closing it
// until the last of them has been joined; n rounds.
func closeWakes(n int) float64 {
	const waiters = 10_000
	var total float64
	for r := range n + 1 {
		gate := make(chan struct{})
		var ready, joined sync.WaitGroup
		for range waiters {
			ready.Add(1)
			joined.Add(1)
			go func() {
				ready.Done()
				<-gate
				joined.Done()
			}()
		}
		ready.Wait()
		start := busyNow()
		close(gate)
		joined.Wait()
		if r > 0 {
			total += busyNow() - start
		}
	}
	return total / float64(n) / waiters
}
