// SPDX-License-Identifier: BSL-1.0

package main

import "sync"

var programRows = []row{
	{"sieve_2000", "ms", sieve},
	{"ring_1000", "ns", func(n int) float64 { return perOp(n, func(n int) { ring(n, 1000) }) }},
	{"skynet", "ms", func(n int) float64 { return milliseconds(perRound(n, skynetMillion)) }},
	{"daisy_chain_100k", "ms", func(n int) float64 { return milliseconds(perRound(n, func() { daisyChain(100_000) })) }},
	{"worker_pool_128", "ns", func(n int) float64 { return perOp(n, func(n int) { workerPool(n, 3, 128) }) }},
	{"worker_pool_0", "ns", func(n int) float64 { return perOp(n, func(n int) { workerPool(n, 3, 0) }) }},
}

func generate(out chan<- int) {
	for i := 2; ; i++ {
		out <- i
	}
}

func filter(in <-chan int, out chan<- int, prime int) {
	for i := range in {
		if i%prime != 0 {
			out <- i
		}
	}
}

// sieve is the prime sieve of the Go documentation: a filter a prime. The
// filters stay behind, blocked, as they do there; they go on working for a while
// after the last prime has arrived, so a second round would not be the same.
func sieve(int) float64 {
	const primes = 2000
	start := busyNow()
	in := make(chan int)
	go generate(in)
	prime := 0
	for range primes {
		prime = <-in
		out := make(chan int)
		go filter(in, out, prime)
		in = out
	}
	elapsed := busyNow() - start
	if prime != 17_389 {
		fail("sieve: wrong prime", prime)
	}
	return milliseconds(elapsed)
}

// ring passes one token n hops around a ring of goroutines.
func ring(n, size int) {
	links := make([]chan int, size)
	for i := range links {
		links[i] = make(chan int)
	}
	arrived := make(chan struct{})
	var wg sync.WaitGroup
	for i := range links {
		wg.Add(1)
		in, out := links[i], links[(i+1)%size]
		last := i == size-1
		go func() {
			defer wg.Done()
			for hops := range in {
				if hops == 0 {
					close(arrived)
				} else {
					out <- hops - 1
				}
			}
			if !last {
				close(out)
			}
		}()
	}
	links[0] <- n
	<-arrived
	close(links[0])
	wg.Wait()
}

func skynet(result chan<- int, num, size int) {
	if size == 1 {
		result <- num
		return
	}
	children := make(chan int)
	size /= 10
	for i := range 10 {
		go skynet(children, num+i*size, size)
	}
	sum := 0
	for range 10 {
		sum += <-children
	}
	result <- sum
}

func skynetMillion() {
	result := make(chan int)
	go skynet(result, 0, 1_000_000)
	if sum := <-result; sum != 499_999_500_000 {
		fail("skynet: sum", sum)
	}
}

func daisyChain(length int) {
	leftmost := make(chan int)
	left := leftmost
	for range length {
		right := make(chan int)
		go func(left chan<- int, right <-chan int) { left <- 1 + <-right }(left, right)
		left = right
	}
	go func() { left <- 1 }()
	if v := <-leftmost; v != length+1 {
		fail("daisy chain:", v)
	}
}

func workerPool(jobCount, workers, capacity int) {
	jobs := make(chan int, capacity)
	results := make(chan int, capacity)
	for range workers {
		go func() {
			for j := range jobs {
				results <- j * 2
			}
		}()
	}
	go func() {
		for j := range jobCount {
			jobs <- j
		}
		close(jobs)
	}()
	sum := 0
	for range jobCount {
		sum += <-results
	}
	sink = sum
}
