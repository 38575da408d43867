// Select's park protocol (src/chan/select.cpp): one goroutine receives twice by a select over two channels, two
// goroutines send, one on each. Parking happens behind the switch, in a process of its own, as on the next stack.
//
//   S1  each value is received once and by one case
//   S3  the list of locks on the selector's stack is not read after the select has returned
// When nothing moves any more, both values have arrived: no wake-up is lost.
// With -DWITHOUT_LOCK the selector leaves the queue of the case that lost without taking that channel's lock, and the
// search must find S3 broken.

bit locked[2];
bit waiting[2];          // the selector's waiter is in the channel's queue
bit sender_waits[2];
byte sender_woken[2];
byte selected = 2;       // the case that won; 2: open
byte runnable = 0;       // the selector was made runnable
bit frame_valid = 0;
byte received[2];

#define lock(c) atomic { !locked[c] -> locked[c] = 1 }
#define unlock(c) locked[c] = 0

proctype behind_the_switch() {
  assert(frame_valid); unlock(0);
  assert(frame_valid); unlock(1)
}

proctype sender(byte c) {
  bit claimed = 0;
  lock(c);
  if
  :: waiting[c] ->
     waiting[c] = 0;
     atomic { if :: selected == 2 -> selected = c; claimed = 1 :: else fi };   // the claim
  :: else
  fi;
  if
  :: claimed ->
     received[c]++;
     unlock(c);
     runnable++                            // ready()
  :: else ->
     sender_waits[c] = 1;
     unlock(c);
     sender_woken[c] > 0
  fi
}

active proctype selector() {
  byte round = 0;
  byte won;
  bit found;
  run sender(0);
  run sender(1);
  do
  :: round == 2 -> break
  :: else ->
    round++;
    lock(0);
    lock(1);                               // 2
    found = 0;
    if
    :: sender_waits[0] -> sender_waits[0] = 0; received[0]++; sender_woken[0]++; found = 1
    :: sender_waits[1] -> sender_waits[1] = 0; received[1]++; sender_woken[1]++; found = 1
    :: else
    fi;
    if
    :: found -> unlock(0); unlock(1)
    :: else ->
       selected = 2;
       frame_valid = 1;
       waiting[0] = 1;
       waiting[1] = 1;                     // 3
       run behind_the_switch();
       atomic { runnable > 0 -> runnable-- };
       won = selected;
       assert(won < 2);
#ifndef WITHOUT_LOCK
       lock(1 - won);                      // 5, and S3
       waiting[1 - won] = 0;
       unlock(1 - won);
#else
       waiting[1 - won] = 0;
#endif
       frame_valid = 0
    fi
  od;
  assert(received[0] == 1 && received[1] == 1)  // S1
}

active proctype quiet() {
  timeout -> assert(received[0] == 1 && received[1] == 1 && runnable == 0)
}
