// The lease of src/sched/machine.hpp: one owner that enters the runtime again and again, one taker.
//
// The owner's store of in_runtime goes through a store buffer, as on real hardware: it becomes visible some time
// later, or when the taker's heavy barrier drains the buffer. With -DWITHOUT_BARRIER the taker has none, and the
// search must find both sides using the processor at once: that the model can fail is part of the test.

mtype = { held, expired, taking, lost };

mtype lease = held;
bit in_runtime = 0;      // as the taker sees it
bit buffered = 0;        // the owner's store of 1 has not arrived yet
bit owner_uses = 0;
bit taker_uses = 0;

inline drain() { atomic { if :: buffered -> in_runtime = 1; buffered = 0 :: else fi } }

active proctype store_buffer() {
end: do
  :: buffered -> drain()
  od
}

active proctype owner() {
  byte calls = 0;
  bit has = 1;
  do
  :: calls == 3 -> break
  :: else ->
    calls++;
    buffered = 1;                          // O1
again:
    if                                     // O3
    :: lease == held ->
       owner_uses = 1;
       assert(!taker_uses);                // L1
       owner_uses = 0
    :: lease == taking -> goto again
    :: lease == expired ->                 // L2: compare-and-swap
       atomic { if :: lease == expired -> lease = held :: else fi };
       goto again
    :: lease == lost -> has = 0
    fi;
    atomic { drain(); in_runtime = 0 };    // O5: stores of one thread arrive in order
    if :: !has -> break :: else fi
  od
}

active proctype taker() {
  byte tries = 0;
  bit locked;
  do
  :: tries == 3 -> break
  :: else ->
    tries++;
    locked = 0;
    atomic {                               // M1
      if
      :: lease == held || lease == expired -> lease = taking; locked = 1
      :: else
      fi
    };
    if
    :: locked ->
#ifndef WITHOUT_BARRIER
       drain();                            // M2
#endif
       if                                  // M3
       :: in_runtime -> lease = expired
       :: else ->
          taker_uses = 1;
          assert(!owner_uses);             // L1
          taker_uses = 0;
          lease = lost;
          break
       fi
    :: else
    fi
  od
}
