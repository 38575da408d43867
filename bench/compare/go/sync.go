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
	{"rw_mutex_read", "ns", func(n int) float64 { return perOp(n, rwMutexRead) }},
	{"cond_ping_pong", "ns", func(n int) float64 { return perOp(n, condPingPong) }},
	{"pool_get_put", "ns", func(n int) float64 { return perOp(n, poolGetPut) }},
	{"map_load", "ns", func(n int) float64 { return perOp(n, mapLoad) }},
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

// rwMutexRead is one write for a thousand reads, in one goroutine.
func rwMutexRead(n int) {
	var mu sync.RWMutex
	for i := range n {
		if i%1000 == 0 {
			mu.Lock()
			sink++
			mu.Unlock()
		}
		mu.RLock()
		sink++
		mu.RUnlock()
	}
}

func condPingPong(n int) {
	var mu sync.Mutex
	changed := sync.NewCond(&mu)
	ping := true
	play := func(mine bool) {
		for range n {
			mu.Lock()
			for ping != mine {
				changed.Wait()
			}
			ping = !mine
			changed.Signal()
			mu.Unlock()
		}
	}
	var wg sync.WaitGroup
	for _, mine := range []bool{true, false} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			play(mine)
		}()
	}
	wg.Wait()
}

func poolGetPut(n int) {
	pool := sync.Pool{New: func() any { return new(int) }}
	for range n {
		object := pool.Get().(*int)
		sink += *object
		pool.Put(object)
	}
}

func mapLoad(n int) {
	var m sync.Map
	for i := range 1000 {
		m.Store(i, i)
	}
	for i := range n {
		v, _ := m.Load(i % 1000)
		sink += v.(int)
	}
}

func waitGroupAddDone(n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Add(1)
		wg.Done()
	}
	wg.Wait()
}
