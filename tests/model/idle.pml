// No wake-up is lost: src/sched/ready.cpp (S1 to S4, R3) and src/sched/idle.cpp (W1 to W4, D1 to D3).
//
// A goroutine that submits others to its processor's queue and one to its run_next, computes meanwhile, so that others
// have to do the work, and at last gives its processor up; a plain thread that submits to the global queue; and two
// machines. Who looks may leave the one in run_next alone, as if it were about to run. When nothing moves any more, nobody
// may be left in a queue or a run_next while a processor is idle, and none may be counted as spinning or dozing.
//
// With -DPATIENT a submitter may do without a wake where R4 lets it, and there is the monitor, which without R4 would hide
// what else is wrong.
//
// Left out, each to be found by the search: the monitor's look, with -DPATIENT -DWITHOUT_MONITOR; W4, with -DWITHOUT_RECHECK; its look at run_next, with -DWITHOUT_NEXT; D3,
// with -DWITHOUT_D3; the mark being taken off before others can find the machine (I4), with -DMARKED_IN_LIST; the look
// at the global queue under the lock (W1), with -DWITHOUT_LOOK; and W2 being under the lock too, with
// -DCOUNTED_OUTSIDE: R3 rests on both.

#define MACHINES 2
#define PROCESSORS 3     // and the submitter's
#ifdef PATIENT
#define ITEMS 1
#else
#define ITEMS 2
#endif

byte work = 0;           // in the submitter's queue
bit next = 0;            // its run_next
byte global = 0;         // written under the scheduler's lock
byte idle = 0;           // processors in the idle list
byte spinning = 0;
bit in_list[MACHINES];
bit given[MACHINES];
bit dozing = 0;
bit dozes[MACHINES];     // the one that does
bit spins[MACHINES];     // the marks of those that are counted in spinning

bit owed = 0;            // R4: the submitter has woken nobody
bit computes = 1;        // the submitter still has its processor

#define end_doze(i) if :: dozes[i] -> dozes[i] = 0; dozing = 0 :: else fi

inline wake(unless_dozing) {               // S3, S4
  if
  :: idle > 0 && !(unless_dozing && dozing) ->
     if
     :: spinning == 0 ->
        won = 0;
        atomic { if :: spinning == 0 -> spinning = 1; won = 1 :: else fi };
        if
        :: won ->
           atomic {                        // under the scheduler's lock
             if
             :: idle > 0 && in_list[0] -> idle--; in_list[0] = 0; end_doze(0); spins[0] = 1; given[0] = 1
             :: idle > 0 && in_list[1] -> idle--; in_list[1] = 0; end_doze(1); spins[1] = 1; given[1] = 1
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

inline wake_if_worth_it(unless_dozing) {   // R4
#ifdef PATIENT
  if
  :: owed = 1
  :: wake(unless_dozing)
  fi
#else
  wake(unless_dozing)
#endif
}

active proctype submitter() {
  byte n = 0;
  bit won;
  bit others_are_busy;
  do
  :: n == ITEMS -> break
  :: else -> n++; work++; wake_if_worth_it(0)  // S1
  od;
  next = 1;
  wake_if_worth_it(1);
  work == 0 && next == 0;                  // it computes until others have taken them
  do
  ::
#ifndef WITHOUT_LOOK
     atomic { global > 0 -> global-- }     // its processor runs that one
  ::
#endif
     atomic {                              // W1, under the scheduler's lock
#ifndef WITHOUT_LOOK
       global == 0 ->
#endif
       idle++;
       computes = 0;
       others_are_busy = (idle < PROCESSORS)
     };
     break
  od;
  if
  :: others_are_busy && work + global > 0 -> wake(0)  // W4
  :: else                                                      // R3
  fi
}

active proctype thread() {
  bit won;
  global++;                                // S1, under the scheduler's lock
  wake(0)
}

active [MACHINES] proctype machine() {
  byte me = _pid - 2;
  bit got;
  bit was_spinning;
  bit others_are_busy;
  bit in_vain;                             // it has looked so before; twice running, in the library
  bit won;
search:
  got = 0;
  atomic {
    if
    :: work > 0 -> work--; got = 1
    :: global > 0 -> global--; got = 1
    :: next -> next = 0; got = 1
    :: next                                // left alone
    :: else
    fi
  };
  if
  :: got ->
     in_vain = 0;
     if
     :: spins[me] ->
        spins[me] = 0;
        spinning--;
        if
#ifdef PATIENT
        :: idle == PROCESSORS - 1          // it works alone, and may do without help
#endif
        :: wake(0)
        fi
     :: else
     fi;
     goto search
  :: else
  fi;
  if
  :: !spins[me] ->
     if
     :: 2 * spinning < PROCESSORS - idle -> spins[me] = 1; spinning++; goto search
     :: else
     fi
  :: else
  fi;
  got = 0;
  atomic {                                 // W1, W2 and I4, under the scheduler's lock
    if
#ifndef WITHOUT_LOOK
    :: global > 0 -> got = 1
#endif
    :: else ->
       idle++;
       in_list[me] = 1;
#ifdef MARKED_IN_LIST
       skip
#else
       was_spinning = spins[me];
       spins[me] = 0;
#ifndef COUNTED_OUTSIDE
       spinning = spinning - was_spinning;
#endif
#endif
       others_are_busy = (idle < PROCESSORS);
       if :: others_are_busy && in_vain && !dozing -> dozing = 1; dozes[me] = 1 :: else fi;
       in_vain = 1
    fi
  };
  if :: got -> goto search :: else fi;
#ifdef MARKED_IN_LIST
  was_spinning = spins[me];
  spins[me] = 0;
  if :: was_spinning -> spinning-- :: else fi;
#endif
#ifdef COUNTED_OUTSIDE
  if :: was_spinning -> spinning-- :: else fi;
#endif
#ifndef WITHOUT_RECHECK
  if
  :: others_are_busy && work + global > 0 ->  // W4
     got = 0;
     atomic {
       if
       :: in_list[me] && idle > 0 ->
          idle--; in_list[me] = 0; end_doze(me); spins[me] = 1; spinning++; got = 1
       :: else
       fi
     };
     if :: got -> goto search :: else fi
  :: else                                  // R3
  fi;
#ifndef WITHOUT_NEXT
  atomic {
    if
    :: others_are_busy && next && in_list[me] && !dozing -> dozing = 1; dozes[me] = 1
    :: else
    fi
  };
#endif
#endif
end_asleep:
  do
  :: atomic { given[me] -> given[me] = 0 }; goto search
  :: atomic { dozes[me] -> dozes[me] = 0; dozing = 0 };  // D1
#ifndef WITHOUT_D3
     if
     :: next ->                            // D3
        got = 0;
        atomic {
          if
          :: in_list[me] && idle > 0 -> idle--; in_list[me] = 0; spins[me] = 1; spinning++; got = 1
          :: else
          fi
        };
        if :: got -> goto search :: else fi
     :: else
     fi
#endif
  od
}

#ifdef PATIENT
active proctype monitor() {
  bit won;
end_monitor:
#ifndef WITHOUT_MONITOR
  do
  :: atomic { computes && owed && (work > 0 || next || global > 0) -> owed = 0 }; wake(0)
  od
#endif
}
#endif

active proctype quiet() {
  timeout -> assert(work == 0 && next == 0 && global == 0 && spinning == 0 && dozing == 0)
}
