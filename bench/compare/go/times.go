// SPDX-License-Identifier: BSL-1.0

package main

import (
	"slices"
	"sync"
	"time"
)

var timeRows = []row{
	{"after_func_stop", "ns", func(n int) float64 { return perOp(n, afterFuncStop) }},
	{"after_func_million", "ns", func(n int) float64 { return perRound(n, afterFuncMillion) / 1e6 }},
	{"timer_reset", "ns", func(n int) float64 { return perOp(n, timerReset) }},
	{"sleepers_100k_cpu", "ms", sleepersCPU},
	{"sleep_overshoot", "us", sleepOvershoot},
}

func nothing() {}

func afterFuncStop(n int) {
	for range n {
		time.AfterFunc(time.Hour, nothing).Stop()
	}
}

func afterFuncMillion() {
	timers := make([]*time.Timer, 1_000_000)
	for i := range timers {
		timers[i] = time.AfterFunc(time.Hour+time.Duration(i)*time.Microsecond, nothing)
	}
	for _, t := range timers {
		t.Stop()
	}
}

func timerReset(n int) {
	t := time.AfterFunc(time.Hour, nothing)
	for range n {
		t.Reset(time.Hour)
	}
	t.Stop()
}

// sleepersCPU is the processor time of 100 000 goroutines that each sleep once, 1 to 100 ms; n rounds.
func sleepersCPU(n int) float64 {
	start := cpuTime()
	for range n {
		var wg sync.WaitGroup
		for i := range 100_000 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				time.Sleep(time.Duration(i%100+1) * time.Millisecond)
			}()
		}
		wg.Wait()
	}
	return milliseconds(cpuTime()-start) / float64(n)
}

// sleepOvershoot is by how much the median of n sleeps of 1 ms is too long.
func sleepOvershoot(n int) float64 {
	overshoots := make([]time.Duration, n)
	for i := range overshoots {
		start := time.Now()
		time.Sleep(time.Millisecond)
		overshoots[i] = time.Since(start) - time.Millisecond
	}
	slices.Sort(overshoots)
	return float64(overshoots[n/2].Nanoseconds()) / 1e3
}
