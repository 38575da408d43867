// SPDX-License-Identifier: BSL-1.0

package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var memoryRows = []row{
	{"parked_memory", "bytes", parkedMemory},
	{"skynet_memory", "bytes", func(int) float64 { skynetMillion(); return statusBytes("VmHWM:") }},
	{"burst_rest", "x", burstRest},
	{"burst", "x", burst},
}

// statusBytes reads a field of /proc/self/status, which the kernel gives in KiB.
func statusBytes(field string) float64 {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		fail(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if words := strings.Fields(lines.Text()); words[0] == field {
			kib, _ := strconv.Atoi(words[1])
			return float64(kib) * 1024
		}
	}
	fail("no", field, "in /proc/self/status")
	return 0
}

// parkedMemory is what one of n goroutines costs that has run and now waits for a channel.
func parkedMemory(n int) float64 {
	gate := make(chan struct{})
	before := statusBytes("VmRSS:")
	var ready sync.WaitGroup
	for range n {
		ready.Add(1)
		go func() {
			ready.Done()
			<-gate
		}()
	}
	ready.Wait()
	return (statusBytes("VmRSS:") - before) / float64(n)
}

// residentMemoryAround is the memory before a burst of goroutines, with all of
// them parked, and 2 s after the last has ended.
func residentMemoryAround(goroutines int) (start, peak, rest float64) {
	parkAndEnd := func(n int) float64 {
		gate := make(chan struct{})
		var ready, ended sync.WaitGroup
		for range n {
			ready.Add(1)
			ended.Add(1)
			go func() {
				defer ended.Done()
				ready.Done()
				<-gate
			}()
		}
		ready.Wait()
		parked := statusBytes("VmRSS:")
		close(gate)
		ended.Wait()
		time.Sleep(2 * time.Second)
		return parked
	}
	parkAndEnd(1000)
	start = statusBytes("VmRSS:")
	peak = parkAndEnd(goroutines)
	return start, peak, statusBytes("VmRSS:")
}

// burstRest is how much memory is left of a burst of n goroutines, as a
// multiple of what there was before.
func burstRest(n int) float64 {
	start, _, rest := residentMemoryAround(n)
	return rest / start
}

// burst prints what burstRest divides.
func burst(n int) float64 {
	start, peak, rest := residentMemoryAround(n)
	fmt.Printf("start %.0f\npeak %.0f\nrest %.0f\n", start, peak, rest)
	return rest / start
}
