// SPDX-License-Identifier: BSL-1.0

package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"sync"
)

var memoryRows = []row{
	{"parked_memory", "bytes", parkedMemory},
	{"skynet_memory", "bytes", func(int) float64 { skynetMillion(); return statusBytes("VmHWM:") }},
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
