// No wake-up is lost: src/sched/ready.cpp (S1 to S4) and src/sched/idle.cpp (W1 to W4).
//
// A submitter that computes for ever after each submission, so that others have to do the work, and two machines.
// When nothing moves any more, no goroutine may be left in a queue while a processor is idle.
// With -DWITHOUT_RECHECK machines go to sleep without W4, and the search must find the lost one.

#define MACHINES 2
#define ITEMS 2

byte work = 0;
byte idle = 0;           // processors in the idle list
byte spinning = 0;
bit in_list[MACHINES];
bit given[MACHINES];
bit given_spinning[MACHINES];

inline wake_if_needed() {                  // S3, S4
  if
  :: idle > 0 ->
     if
     :: spinning == 0 ->
        won = 0;
        atomic { if :: spinning == 0 -> spinning = 1; won = 1 :: else fi };
        if
        :: won ->
           atomic {                        // under the scheduler's lock
             if
             :: idle > 0 && in_list[0] -> idle--; in_list[0] = 0; given_spinning[0] = 1; given[0] = 1
             :: idle > 0 && in_list[1] -> idle--; in_list[1] = 0; given_spinning[1] = 1; given[1] = 1
             :: else -> spinning--
             fi
           }
        :: else
        fi
     :: else
     fi
  :: else
  fi
}

active proctype submitter() {
  byte n = 0;
  bit won;
  do
  :: n == ITEMS -> break
  :: else -> n++; work++; wake_if_needed() // S1
  od
}

active [MACHINES] proctype machine() {
  byte me = _pid - 1;
  bit spins = 0;
  bit got;
  bit was_spinning;
  bit won;
search:
  got = 0;
  atomic { if :: work > 0 -> work--; got = 1 :: else fi };
  if
  :: got ->
     if :: spins -> spins = 0; spinning--; wake_if_needed() :: else fi;
     goto search
  :: else
  fi;
  if
  :: !spins ->
     if
     :: 2 * spinning < MACHINES + 1 - idle -> spins = 1; spinning++; goto search
     :: else
     fi
  :: else
  fi;
  atomic { idle++; in_list[me] = 1 };      // W1, under the scheduler's lock
  was_spinning = spins;
  spins = 0;
  if :: was_spinning -> spinning-- :: else fi;  // W2
#ifndef WITHOUT_RECHECK
  if
  :: work > 0 ->                           // W4
     got = 0;
     atomic { if :: in_list[me] && idle > 0 -> idle--; in_list[me] = 0; got = 1 :: else fi };
     if
     :: got -> spins = 1; spinning++; goto search
     :: else
     fi
  :: else
  fi;
#endif
end_asleep:
  atomic { given[me] -> given[me] = 0; spins = given_spinning[me]; given_spinning[me] = 0 };
  goto search
}

active proctype quiet() {
  timeout -> assert(work == 0 && spinning == 0)
}
