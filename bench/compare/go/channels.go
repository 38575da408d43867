// SPDX-License-Identifier: BSL-1.0

package main

import "sync"

var channelRows = []row{
	{"ping_pong_0", "ns", func(n int) float64 { return perOp(n, func(n int) { pingPong(n, 0) }) }},
	{"ping_pong_1", "ns", func(n int) float64 { return perOp(n, func(n int) { pingPong(n, 1) }) }},
	{"send_receive_128", "ns", func(n int) float64 { return perOp(n, sendReceive) }},
	{"producer_consumer_0", "ns", func(n int) float64 { return perOp(n, func(n int) { manyToMany(n, 1, 0) }) }},
	{"producer_consumer_1", "ns", func(n int) float64 { return perOp(n, func(n int) { manyToMany(n, 1, 1) }) }},
	{"producer_consumer_128", "ns", func(n int) float64 { return perOp(n, func(n int) { manyToMany(n, 1, 128) }) }},
	{"many_to_many_4", "ns", func(n int) float64 { return perOp(n, func(n int) { manyToMany(n, 4, 128) }) }},
	{"many_to_many_64", "ns", func(n int) float64 { return perOp(n, func(n int) { manyToMany(n, 64, 128) }) }},
}

func pingPong(n, capacity int) {
	ping := make(chan int, capacity)
	pong := make(chan int, capacity)
	go func() {
		for v := range ping {
			pong <- v
		}
		close(pong)
	}()
	for i := range n {
		ping <- i
		<-pong
	}
	close(ping)
	<-pong
}

func sendReceive(n int) {
	c := make(chan int, 128)
	for i := range n {
		c <- i
		<-c
	}
}

// manyToMany moves n messages from `pairs` producers to as many consumers over one channel.
func manyToMany(n, pairs, capacity int) {
	c := make(chan int, capacity)
	var producers, consumers sync.WaitGroup
	for range pairs {
		producers.Add(1)
		go func() {
			defer producers.Done()
			for i := range n / pairs {
				c <- i
			}
		}()
		consumers.Add(1)
		go func() {
			defer consumers.Done()
			for range c {
			}
		}()
	}
	producers.Wait()
	close(c)
	consumers.Wait()
}
