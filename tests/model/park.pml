// How a goroutine parks (src/sched/park.cpp, K1 to K4 and W1 to W4): one that receives twice, one who sends to it twice,
// and another machine that runs it when it is ready. Unlocking happens behind the switch, in a process of its own, as on
// the next stack.
//
//   P1  nobody runs a goroutine whose registers are not saved, or whose stack is in use
//   P2  its waiter, which lies on its stack, is not touched after the wake
//   P3  it does not matter whether the lock is given back before the wake or after it
// When nothing moves any more, both values have arrived.
//
// With -DUNLOCKED_EARLY the lock is given back before the switch, and the search must find P1 broken; with -DTOUCHED_LATE
// the waker looks at the waiter once more when it has made the goroutine ready, which breaks P2.

#define VALUES 2

bit locked = 0;
byte values = 0;         // that nobody has taken
bit waiting = 0;         // the waiter is in the queue
bit waiter_valid = 0;    // what the queue refers to is there
bit saved = 0;           // the registers
bit on_stack = 1;        // somebody runs on the goroutine's stack
byte runnable = 0;       // in a run queue
bit dispatched = 0;      // a machine has switched to it
byte received = 0;

#define lock() atomic { !locked -> locked = 1 }
#define unlock() locked = 0

proctype next_stack() {
  unlock()                                 // K4
}

active proctype goroutine() {
  do
  :: received == VALUES -> break
  :: else ->
     lock();
     if
     :: values > 0 -> values--; unlock()
     :: else ->
        waiter_valid = 1;
        waiting = 1;                       // K1
#ifdef UNLOCKED_EARLY
        unlock();
#endif
        saved = 1;                         // K3
        on_stack = 0;
#ifndef UNLOCKED_EARLY
        run next_stack();
#endif
        atomic { dispatched -> dispatched = 0 };
        waiter_valid = 0
     fi;
     received++
  od
}

active proctype waker() {
  byte sent = 0;
  bit found;
  do
  :: sent == VALUES -> break
  :: else ->
     sent++;
     lock();                               // W1
     found = waiting;
     if
     :: found ->
        waiting = 0;                       // W2
        assert(waiter_valid)               // the value is written to where it says
     :: else -> values++
     fi;
     if
     :: found ->
        if
        :: unlock(); runnable++            // W3, W4
        :: runnable++; unlock()            // P3: he who wakes many
        fi;
#ifdef TOUCHED_LATE
        assert(waiter_valid)
#endif
     :: else -> unlock()
     fi
  od
}

active proctype other_machine() {
end_idle:
  do
  :: runnable > 0 ->
     runnable--;
     assert(saved && !on_stack);           // P1
     saved = 0;
     on_stack = 1;
     dispatched = 1
  od
}

active proctype quiet() {
  timeout -> assert(received == VALUES && runnable == 0 && !locked)
}
