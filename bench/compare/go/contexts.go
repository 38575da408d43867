// SPDX-License-Identifier: BSL-1.0

package main

import (
	"context"
	"time"
)

var contextRows = []row{
	{"with_cancel", "ns", func(n int) float64 { return perOp(n, withCancel) }},
	{"with_cancel_below", "ns", func(n int) float64 { return perOp(n, withCancelBelow) }},
	{"with_timeout", "ns", func(n int) float64 { return perOp(n, withTimeout) }},
	{"cancel_tree", "ns", cancelTree},
}

func withCancel(n int) {
	for range n {
		_, cancel := context.WithCancel(context.Background())
		cancel()
	}
}

func withCancelBelow(n int) {
	parent, cancelParent := context.WithCancel(context.Background())
	defer cancelParent()
	for range n {
		_, cancel := context.WithCancel(parent)
		cancel()
	}
}

func withTimeout(n int) {
	for range n {
		_, cancel := context.WithTimeout(context.Background(), time.Hour)
		cancel()
	}
}

// cancelTree cancels a parent with 10 000 children, made unmeasured; the time
// of one cancel for each child.
func cancelTree(n int) float64 {
	const children = 10_000
	total := 0.0
	for r := range n + 1 {
		parent, cancelParent := context.WithCancel(context.Background())
		cancels := make([]context.CancelFunc, children)
		for i := range cancels {
			_, cancels[i] = context.WithCancel(parent)
		}
		start := busyNow()
		cancelParent()
		if r > 0 {
			total += busyNow() - start
		}
		for _, cancel := range cancels {
			cancel()
		}
	}
	return total / float64(n) / children
}
