// SPDX-License-Identifier: BSL-1.0

package main

import (
	"runtime"
	"sync"
)

var syncRows = []row{
	{"mutex_uncontended", "ns", func(n int) float64 { return perOp(n, mutexUncontended) }},
	{"mutex_64", "ns", func(n int) float64 { return perOp(n, func(n int) { mutexContended(n, 64, false) }) }},
	{"mutex_64_yield", "ns", func(n int) float64 { return perOp(n, func(n int) { mutexContended(n, 64, true) }) }},
	{"wait_group_add_done", "ns", func(n int) float64 { return perOp(n, waitGroupAddDone) }},
}

func mutexUncontended(n int) {
	var mu sync.Mutex
	for range n {
		mu.Lock()
		sink++
		mu.Unlock()
	}
}

func mutexContended(n, goroutines int, yield bool) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range goroutines {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range n / goroutines {
				mu.Lock()
				sink++
				if yield {
					runtime.Gosched()
				}
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
}

func waitGroupAddDone(n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Add(1)
		wg.Done()
	}
	wg.Wait()
}
