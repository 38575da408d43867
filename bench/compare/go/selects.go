// SPDX-License-Identifier: BSL-1.0

package main

var selectRows = []row{
	{"select_2_unbuffered", "ns", func(n int) float64 { return perOp(n, selectUnbuffered) }},
	{"select_2_ready", "ns", func(n int) float64 { return perOp(n, selectReady) }},
	{"receive_or_default", "ns", func(n int) float64 { return perOp(n, receiveOrDefault) }},
	{"fan_in_8", "ns", func(n int) float64 { return perOp(n, fanIn) }},
}

var sink int

// selectUnbuffered receives from two channels, of which only one has a sender.
func selectUnbuffered(n int) {
	a, b := make(chan int), make(chan int)
	go func() {
		for i := range n {
			a <- i
		}
	}()
	sum := 0
	for range n {
		select {
		case v := <-a:
			sum += v
		case v := <-b:
			sum -= v
		}
	}
	sink = sum
}

// selectReady refills the channel it has just received from, so that one of the
// two is ready at every select and no goroutine ever waits.
func selectReady(n int) {
	a, b := make(chan int, 1), make(chan int, 1)
	sum := 0
	for i := range n {
		a <- i
		select {
		case v := <-a:
			sum += v
		case v := <-b:
			sum -= v
		}
	}
	sink = sum
}

func receiveOrDefault(n int) {
	c := make(chan int)
	misses := 0
	for range n {
		select {
		case <-c:
		default:
			misses++
		}
	}
	sink = misses
}

func fanIn(n int) {
	var c [8]chan int
	for p := range c {
		in := make(chan int)
		c[p] = in
		go func() {
			for i := range n / len(c) {
				in <- i
			}
		}()
	}
	sum := 0
	for range n / len(c) * len(c) {
		select {
		case v := <-c[0]:
			sum += v
		case v := <-c[1]:
			sum += v
		case v := <-c[2]:
			sum += v
		case v := <-c[3]:
			sum += v
		case v := <-c[4]:
			sum += v
		case v := <-c[5]:
			sum += v
		case v := <-c[6]:
			sum += v
		case v := <-c[7]:
			sum += v
		}
	}
	sink = sum
}
