// No wake-up is lost: src/sched/ready.cpp (S1 to S4) and src/sched/idle.cpp (W1 to W4).
//
// A submitter that computes for ever after each submission, so that others have to do the work, and two machines.
// When nothing moves any more, no goroutine may be left in a queue while a processor is idle.
// With -DWITHOUT_RECHECK machines go to sleep without W4, and with -DMARKED_IN_LIST they still have their mark when
// others may find them in the list (I4): the search must find the lost goroutine, and the lost mark.

#define MACHINES 2
#define ITEMS 2

byte work = 0;
byte idle = 0;           // processors in the idle list
byte spinning = 0;
bit in_list[MACHINES];
bit given[MACHINES];
bit spins[MACHINES];     // the marks of those that are counted in spinning

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
             :: idle > 0 && in_list[0] -> idle--; in_list[0] = 0; spins[0] = 1; given[0] = 1
             :: idle > 0 && in_list[1] -> idle--; in_list[1] = 0; spins[1] = 1; given[1] = 1
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
  bit got;
  bit was_spinning;
  bit won;
search:
  got = 0;
  atomic { if :: work > 0 -> work--; got = 1 :: else fi };
  if
  :: got ->
     if :: spins[me] -> spins[me] = 0; spinning--; wake_if_needed() :: else fi;
     goto search
  :: else
  fi;
  if
  :: !spins[me] ->
     if
     :: 2 * spinning < MACHINES + 1 - idle -> spins[me] = 1; spinning++; goto search
     :: else
     fi
  :: else
  fi;
#ifndef MARKED_IN_LIST
  atomic {                                 // W1 and I4, under the scheduler's lock
    was_spinning = spins[me];
    spins[me] = 0;
    idle++;
    in_list[me] = 1
  };
#else
  atomic { idle++; in_list[me] = 1 };
  was_spinning = spins[me];
  spins[me] = 0;
#endif
  if :: was_spinning -> spinning-- :: else fi;  // W2
#ifndef WITHOUT_RECHECK
  if
  :: work > 0 ->                           // W4
     got = 0;
     atomic { if :: in_list[me] && idle > 0 -> idle--; in_list[me] = 0; got = 1 :: else fi };
     if
     :: got -> spins[me] = 1; spinning++; goto search
     :: else
     fi
  :: else
  fi;
#endif
end_asleep:
  atomic { given[me] -> given[me] = 0 };
  goto search
}

active proctype quiet() {
  timeout -> assert(work == 0 && spinning == 0)
}
