// SPDX-License-Identifier: BSL-1.0

package main

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

var latencyRows = []row{
	{"echo_tail", "ms", echoTail},
	{"echo_latency", "ns", echoLatency},
}

const (
	echoPairs = 4
	computing = 2 * echoPairs // half of the goroutines
)

func computeInSlices(stop *atomic.Bool) {
	for !stop.Load() {
		for start := time.Now(); time.Since(start) < time.Millisecond; {
		}
		runtime.Gosched()
	}
}

// ask makes a request every millisecond. What counts is how long after it was
// due the answer is there.
func ask(latencies []float64) {
	request := make(chan int)
	answer := make(chan int)
	go func() {
		for v := range request {
			answer <- v
		}
	}()
	due := time.Now()
	for i := range latencies {
		due = due.Add(time.Millisecond)
		time.Sleep(time.Until(due))
		request <- 1
		<-answer
		latencies[i] = float64(time.Since(due).Nanoseconds())
	}
	close(request)
}

// echoLatencies are those of n requests, in nanoseconds, sorted.
func echoLatencies(n int) []float64 {
	var stop atomic.Bool
	var hogs, clients sync.WaitGroup
	for range computing {
		hogs.Add(1)
		go func() {
			defer hogs.Done()
			computeInSlices(&stop)
		}()
	}
	each := n / echoPairs
	latencies := make([]float64, each*echoPairs)
	for pair := range echoPairs {
		clients.Add(1)
		go func() {
			defer clients.Done()
			ask(latencies[pair*each : (pair+1)*each])
		}()
	}
	clients.Wait()
	stop.Store(true)
	hogs.Wait()
	slices.Sort(latencies)
	return latencies
}

func echoTail(n int) float64 {
	latencies := echoLatencies(n)
	return milliseconds(latencies[len(latencies)*999/1000])
}

// echoLatency is for ./goro bench tail: each of them, a line.
func echoLatency(n int) float64 {
	latencies := echoLatencies(n)
	for _, latency := range latencies {
		fmt.Println(int64(latency))
	}
	return latencies[len(latencies)/2]
}
