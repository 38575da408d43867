// A mutex excludes and forgets no waiter: src/sync/mutex.cpp, W1 to W3 and U1 to U3.
//
// Three goroutines that lock and unlock twice each. The semaphore's steps are one each, for it has a lock; so is a
// compare-and-swap together with what it was computed from. With -DWITHOUT_LOOK, W3 counts W whether the lock is still
// held or not; with -DPLACED_LAST, W3 comes before W2. The search has to find the waiter that sleeps for ever.

#define GOROUTINES 3
#define ROUNDS 2
#define NOBODY GOROUTINES

bit locked = 0, woken = 0, starving = 0;
byte waiters = 0;
byte again = NOBODY;
chan sleepers = [GOROUTINES] of { byte };
byte permits = 0;
bit awake[GOROUTINES];
byte holders = 0;

active [GOROUTINES] proctype goroutine() {
  byte me = _pid;
  byte g;
  byte round = 0;
  byte seen;
  bit first, up, starves, handed;
next:
  if :: round == ROUNDS -> goto end_all :: else -> round++ fi;
  first = 1; up = 0; starves = 0;
try:
  if
  :: first && !up -> atomic {                                   // spins, and wants nobody else woken
       if :: locked && !starving && !woken && waiters > 0 -> woken = 1; up = 1 :: else fi }
  :: skip
  fi;
  atomic {
    assert(!up || woken);                                       // M2
    if
    :: !locked && !starving -> locked = 1; if :: up -> woken = 0 :: else fi; goto have
    :: else -> if :: first -> waiters++; if :: up -> woken = 0; up = 0 :: else fi :: else fi
    fi
  };
  if
  :: first ->
     first = 0;
     atomic { if :: permits > 0 -> permits--; awake[me] = 1 :: else -> sleepers!me fi }
  :: else ->
#ifndef PLACED_LAST
     assert(again == NOBODY); again = me;                       // W2, M4
#endif
     atomic {                                                   // W3
       if
#ifndef WITHOUT_LOOK
       :: !locked -> goto free
#endif
       :: else -> assert(woken && !starving); woken = 0; waiters++; if :: starves -> starving = 1 :: else fi
       fi
     };
#ifdef PLACED_LAST
     again = me;
#endif
     goto asleep;
free:
     again = NOBODY; awake[me] = 1
  fi;
asleep:
  awake[me] -> awake[me] = 0;
  atomic { handed = starving; seen = waiters; if :: handed -> assert(!locked && !woken && waiters > 0) :: else -> assert(woken) fi };
  if
  :: handed -> atomic { assert(!locked); locked = 1; waiters--; if :: !starves || seen == 1 -> starving = 0 :: else fi }; goto have
  :: else -> up = 1; if :: starves = 1 :: skip fi; goto try
  fi;
have:
  holders++; assert(holders == 1); holders--;
  atomic { locked = 0; handed = starving };                     // U1
  if
  :: handed -> skip
  :: else -> atomic {                                           // U2
       if :: waiters == 0 || locked || woken || starving -> goto next :: else -> waiters--; woken = 1 fi }
  fi;
  if                                                            // U3
  :: again != NOBODY -> g = again; again = NOBODY; awake[g] = 1
  :: else -> atomic { if :: sleepers?g -> awake[g] = 1 :: empty(sleepers) -> permits++ fi }
  fi;
  goto next;
end_all:
  skip
}
