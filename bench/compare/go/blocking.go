// SPDX-License-Identifier: BSL-1.0

package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var blockingRows = []row{
	{"hog_wake", "ms", hogWake},
	{"system_calls_64", "ms", systemCalls},
}

// hogWake is how late, on average, a goroutine runs after a timer has sent to
// it, while a goroutine that makes no call spins on every processor. Every
// wake-up gets fresh hogs.
func hogWake(n int) float64 {
	const delay = time.Millisecond
	var late time.Duration
	for range n {
		var stop atomic.Bool
		var hogs sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			hogs.Add(1)
			go func() {
				defer hogs.Done()
				for !stop.Load() {
				}
			}()
		}
		due := time.Now().Add(delay)
		<-time.After(delay)
		late += time.Since(due)
		stop.Store(true)
		hogs.Wait()
	}
	return milliseconds(float64(late.Nanoseconds()) / float64(n))
}

// systemCalls has 64 goroutines make n system calls each that block for 1 ms.
func systemCalls(n int) float64 {
	round := func(calls int) {
		var wg sync.WaitGroup
		for range 64 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for range calls {
					pause := syscall.Timespec{Nsec: 1_000_000}
					syscall.Nanosleep(&pause, nil)
				}
			}()
		}
		wg.Wait()
	}
	round(n/10 + 1)
	start := time.Now()
	round(n)
	return milliseconds(float64(time.Since(start).Nanoseconds()))
}
