// SPDX-License-Identifier: BSL-1.0

package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

var syncRows = []row{
	{"mutex_uncontended", "ns", func(n int) float64 { return perOp(n, mutexUncontended) }},
	{"mutex_64", "ns", func(n int) float64 { return perOp(n, func(n int) { mutexContended(n, 64, false) }) }},
	{"mutex_64_yield", "ns", func(n int) float64 { return perOp(n, func(n int) { mutexContended(n, 64, true) }) }},
	{"rw_mutex_read", "ns", func(n int) float64 { return perOp(n, rwMutexRead) }},
	{"cond_ping_pong", "ns", func(n int) float64 { return perOp(n, condPingPong) }},
	{"pool_get_put", "ns", func(n int) float64 { return perOp(n, poolGetPut) }},
	{"map_load", "ns", func(n int) float64 { return perOp(n, mapLoad) }},
	{"map_read_mostly", "ns", func(n int) float64 { return perOp(n, mapReadMostly) }},
	{"errgroup_tasks", "ns", func(n int) float64 { return perOp(n, errgroupTasks) }},
	{"semaphore_uncontended", "ns", func(n int) float64 { return perOp(n, semaphoreUncontended) }},
	{"semaphore_64", "ns", func(n int) float64 { return perOp(n, semaphoreContended) }},
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

// mapReadMostly is 64 goroutines that look up a thousand keys; every hundredth operation stores.
func mapReadMostly(n int) {
	const goroutines = 64
	var m sync.Map
	for i := range 1000 {
		m.Store(i, i)
	}
	var total atomic.Int64
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Add(1)
		go func() {
			defer wg.Done()
			sum := 0
			for i := g; i < n/goroutines+g; i++ {
				if i%100 == 0 {
					m.Store(i%1000, i)
				}
				v, _ := m.Load(i % 1000)
				sum += v.(int)
			}
			total.Add(int64(sum))
		}()
	}
	wg.Wait()
	sink = int(total.Load())
}

// errgroupTasks makes groups of ten, with a context each.
func errgroupTasks(n int) {
	for i := 0; i < n; i += 10 {
		group, _ := errgroup.WithContext(context.Background())
		for range 10 {
			group.Go(func() error { return nil })
		}
		if err := group.Wait(); err != nil {
			panic(err)
		}
	}
}

func semaphoreUncontended(n int) {
	ctx := context.Background()
	tokens := semaphore.NewWeighted(10)
	for range n {
		if err := tokens.Acquire(ctx, 3); err != nil {
			panic(err)
		}
		tokens.Release(3)
	}
}

// semaphoreContended is 64 goroutines that share 8 tokens, and yield with them.
func semaphoreContended(n int) {
	ctx := context.Background()
	tokens := semaphore.NewWeighted(8)
	var wg sync.WaitGroup
	for range 64 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range n / 64 {
				if err := tokens.Acquire(ctx, 1); err != nil {
					panic(err)
				}
				runtime.Gosched()
				tokens.Release(1)
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
