// SPDX-License-Identifier: BSL-1.0

// Command go_compare runs one row of the comparison with Go's own runtime:
//
//	go_compare ROW --procs N --n ITERATIONS [--clock wall|cpu]
//
// and prints one line, "ROW N VALUE UNIT". Every row is the twin of the one of
// the same name in ../goro: same work, same iteration count, same warm-up.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"
)

type row struct {
	name string
	unit string
	run  func(n int) float64
}

func allRows() []row {
	return slices.Concat(goroutineRows, channelRows, selectRows, programRows, memoryRows, blockingRows, syncRows, timeRows, contextRows, forkJoinRows, latencyRows)
}

var (
	countCPUTime = false
	processStart = time.Now()
)

// busyNow is for work that never waits for anything outside the process:
// nanoseconds of the wall clock or, if asked for, of the process's CPU time,
// which other processes do not disturb.
func busyNow() float64 {
	if countCPUTime {
		return cpuTime()
	}
	return float64(time.Since(processStart).Nanoseconds())
}

// cpuTime is in nanoseconds.
func cpuTime() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

// perOp is the time of one of n operations, in nanoseconds, after a tenth of
// them has run unmeasured.
func perOp(n int, work func(n int)) float64 {
	work(n/10 + 1)
	start := busyNow()
	work(n)
	return (busyNow() - start) / float64(n)
}

// perRound is the time of one of n rounds, in nanoseconds, after one unmeasured.
func perRound(n int, round func()) float64 {
	round()
	start := busyNow()
	for range n {
		round()
	}
	return (busyNow() - start) / float64(n)
}

func milliseconds(nanoseconds float64) float64 { return nanoseconds / 1e6 }

func fail(message ...any) {
	fmt.Fprintln(os.Stderr, append([]any{"go_compare:"}, message...)...)
	os.Exit(2)
}

func main() {
	rows := allRows()
	if len(os.Args) < 2 || os.Args[1] == "--list" {
		for _, r := range rows {
			fmt.Println(r.name)
		}
		return
	}
	if os.Args[1] == "--version" {
		fmt.Println(runtime.Version())
		return
	}
	flags := flag.NewFlagSet("go_compare", flag.ExitOnError)
	procs := flags.Int("procs", 1, "GOMAXPROCS")
	n := flags.Int("n", 1, "iterations")
	clock := flags.String("clock", "wall", "wall or cpu")
	flags.Parse(os.Args[2:])

	at := slices.IndexFunc(rows, func(r row) bool { return r.name == os.Args[1] })
	if at < 0 {
		fail("no row", os.Args[1])
	}
	runtime.GOMAXPROCS(*procs)
	countCPUTime = *clock == "cpu"
	value := rows[at].run(*n)
	fmt.Println(rows[at].name, *procs, value, rows[at].unit)
}
