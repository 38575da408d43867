// No timer is forgotten: src/sched/idle.cpp, A1 to A4 and T1 to T5.
//
// Three machines for two processors, as after a while of handing over: one may be the sentinel, asleep for ever because
// there was no timer, while the other two add timers and go to sleep. When nothing moves any more, the sentinel must
// be asleep until a time, not for ever. With -DWITHOUT_I3 the search has to find the forgotten timer.

#define MACHINES 3
#define NEVER 2
#define SOON 1

bit timer = 0;                 // one is in a heap
byte sentinel = MACHINES;      // MACHINES: nobody
byte until = NEVER;
byte idle = 0;                 // processors in the idle list
bit woken[MACHINES];

inline wake_sentinel() {
  if
  :: idle > 0 ->                                               // A3
     if
     :: sentinel < MACHINES -> s = sentinel; if :: s < MACHINES && until == NEVER -> woken[s] = 1 :: else fi
     :: else ->                                                // A4: a worker that becomes the sentinel
        if :: woken[2] == 0 -> woken[2] = 1 :: else fi
     fi
  :: else
  fi
}

active [MACHINES] proctype machine() {
  byte me = _pid;
  byte s;
  bit is_sentinel;
  byte mine;
  if
  :: me < 2 ->                                                 // holds a processor and runs a goroutine
     if
     :: timer = 1; wake_sentinel()                             // A1
     :: timer = 1                                              // I6
     :: skip
     fi;
     if
     :: idle++                                                 // W1
     :: idle++;                                                // give_up_processor
#ifndef WITHOUT_LOOK
        if :: timer -> wake_sentinel() :: else fi;
#endif
        goto end_gone
     fi
  :: else                                                      // was idle from the beginning
  fi;
sleep:
  is_sentinel = 0;
  mine = NEVER;
  atomic { if :: sentinel == MACHINES -> sentinel = me; is_sentinel = 1 :: else fi };
  if
  :: is_sentinel ->
     until = NEVER;                                            // T1
     if :: timer -> mine = SOON :: else -> mine = NEVER fi;    // T3
     until = mine                                              // T4
#ifndef WITHOUT_I3
  :: else ->
     if
     :: sentinel < MACHINES && timer && until == NEVER -> s = sentinel; if :: s < MACHINES -> woken[s] = 1 :: else fi
     :: else
     fi
#else
  :: else
#endif
  fi;
end_asleep:
  woken[me] -> woken[me] = 0;                                  // T5
  if :: is_sentinel -> sentinel = MACHINES :: else fi;
  goto sleep;
end_gone:
  false
}

active proctype quiet() {
  timeout -> assert(!timer || (sentinel < MACHINES && until == SOON))
}
