// SPDX-License-Identifier: BSL-1.0
#include "rows.hpp"

namespace {

constexpr comparison all[] = {
    {"yield", "yield between goroutines", 4'000'000, 0.18, 0.18},
    {"spawn_batch_100", "spawn, run, join: batches of 100", 2'000'000, 0.30, 0.30},
    {"spawn_batch_1000", "spawn, run, join: batches of 1000", 2'000'000, 0.30, 0.30},
    {"spawn_one", "spawn one, wait for it, in sequence", 1'000'000, 0.30, 0.30},
    {"spawn_100k", "spawn 100 000 at once, run, join", 5, 0.36, 0.36},
    {"ping_pong_0", "ping-pong, unbuffered, round trip", 1'000'000, 0.22, 0.22},
    {"ping_pong_1", "ping-pong, capacity 1", 1'000'000, 0.24, 0.24},
    {"send_receive_128", "send + receive in one goroutine, capacity 128", 10'000'000, 0.45, 0.45},
    {"producer_consumer_0", "one producer, one consumer, capacity 0", 2'000'000, 0.30, 0.30},
    {"producer_consumer_1", "one producer, one consumer, capacity 1", 3'000'000, 0.42, 0.42},
    {"producer_consumer_128", "one producer, one consumer, capacity 128", 8'000'000, 0.47, 0.47},
    {"many_to_many_4", "4 producers, 4 consumers, capacity 128", 8'000'000, 0.48, 0.48},
    {"many_to_many_64", "64 producers, 64 consumers, capacity 128", 8'000'000, 0.48, 0.48},
    {"select_2_unbuffered", "select over 2 unbuffered, one ready side", 1'000'000, 0.32, 0.32},
    {"select_2_ready", "select over 2, one always ready", 4'000'000, 0.40, 0.40},
    {"receive_or_default", "non-blocking receive on empty", 50'000'000, 0.55, 0.55},
    {"fan_in_8", "fan-in of 8 by one select, unbuffered", 500'000, 0.30, 0.30},
    {"close_wakes_10k", "close wakes 10 000, each joined", 20, 0.40, 0.40},
    {"sieve_2000", "prime sieve, 2000 primes", 1, 0.30, 0.30},
    {"ring_1000", "ring of 1000, per hop", 2'000'000, 0.30, 0.30},
    {"skynet", "skynet, a million leaves", 1, 0.16, 0.16},
    {"skynet_memory", "skynet, peak memory", 1, 100e6, 100e6, limit_kind::at_most},
    {"daisy_chain_100k", "daisy chain of 100 000, warm", 3, 0.55, 0.55},
    {"worker_pool_128", "worker pool of 3, capacity 128, per job", 4'000'000, 0.50, 0.50},
    {"worker_pool_0", "worker pool of 3, unbuffered, per job", 1'000'000, 0.32, 0.32},
    {"hog_wake", "a goroutine woken while every processor has a hog", 20, 0.55, 0.55},
    {"system_calls_64", "64 goroutines x 100 system calls of 1 ms", 100, 0.55, 0.95},
    {"parked_memory", "resident memory of a parked goroutine, at a million", 1'000'000, 4700, 4700,
     limit_kind::at_most},
    {"mutex_uncontended", "mutex uncontended", 20'000'000, 1.0, 1.0},
    {"mutex_64", "mutex, 64 goroutines", 10'000'000, 1.0, 0.40},
    {"mutex_64_yield", "mutex, 64 goroutines that yield inside", 1'000'000, 0.25, 0.25},
    {"rw_mutex_read", "rw_mutex read, read-mostly", 20'000'000, 0.9, 0.9},
    {"cond_ping_pong", "cond ping-pong", 1'000'000, 0.40, 0.40},
    {"pool_get_put", "pool get + put", 20'000'000, 0.8, 0.8},
    {"map_load", "concurrent_map load", 20'000'000, 0.8, 0.8},
    {"wait_group_add_done", "wait_group add + done", 20'000'000, 0.85, 0.85},
    {"after_func_stop", "after_func create + stop, one by one", 2'000'000, 0.35, 0.35},
    {"after_func_million", "after_func create + stop, a million at once", 1, 0.35, 0.35},
    {"timer_reset", "timer reset", 5'000'000, 0.55, 0.55},
    {"sleepers_100k_cpu", "100 000 goroutines sleep 1..100 ms: CPU time", 2, 0.60, 0.60},
    {"sleep_overshoot", "sleep(1 ms): median overshoot", 200, 0.20, 0.20},
    {"with_cancel", "with_cancel + cancel", 3'000'000, 0.55, 0.55},
    {"with_cancel_below", "with_cancel + cancel, below a parent", 3'000'000, 0.55, 0.55},
    {"with_timeout", "with_timeout + cancel", 2'000'000, 0.40, 0.40},
    {"cancel_tree", "cancel a tree of 10 000, per child", 30, 0.65, 0.65},
};

}  // namespace

std::span<const comparison> comparisons() { return all; }
