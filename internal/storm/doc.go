// Package storm plays random days of a simulated account against the function
// and looks for anything lost, doubled, destroyed or left unprotected in silence.
// It holds tests only.
//
// A storm is drawn from one number, its seed: the account, the settings, the
// service's unknown habits (sim.Quirks), and a list of steps. Snapshots are
// made, events and timers come (lost, doubled, late, overlapping), requests
// break, lists lie, copies go wrong, quotas fill, keys expire, instances are
// killed, one region or one disk is sick for hours. The operator changes the
// settings. Somebody else runs a deployment with other rules. A nemesis, the
// other tools and people of the account, changes things: it deletes and renames
// replicas, and makes copies of an empty disk under the names of others. In a
// share of the worlds there are drills and an operator's restores, at the same
// time and more than once, and the nemesis makes, attaches, renames and tags disks
// that look like theirs. The
// function is reached as the platform reaches it, through handler.Invoke, and
// speaks to the simulator through the real client. When the steps are over the
// faults stop. Then everything must settle within three rounds of copy, verify
// and retain, each of them so long after the one before that a copy has ended
// or timed out.
//
// The parts:
//
//   - The director plays the steps. The wire carries the requests, and holds
//     deadlines and API_RATE. The faults break requests, copies and lists.
//   - The ledger demands that no second copy of a source is accepted in a
//     region unless the first vanished, was deleted or came out spoilt, whatever
//     lists showed.
//   - watch demands of each request that changes something that it may: copies
//     are wanted, well named, not asked for again after an unclear answer, and
//     rely on an observation of at most five seconds; nothing is copied beside
//     a name that is nearly the replica's; only complete replicas are tagged;
//     what is deleted is a replica of ours that no keep rule keeps, and a proven
//     one goes only because of proven ones. No other request may change
//     anything, so that nothing foreign and no original is touched.
//   - checkProtection demands of each verify sweep that no disk in care is
//     unprotected in silence, that none is called protected without a replica
//     that really holds its point and is young enough, and that no alarm about a
//     disk is false. No run says settled while a disk is not protected.
//   - sicken demands that three timer rounds bring on its way what is healthy
//     while one destination, one disk or one region fails.
//   - settle demands that every snapshot that can be replicated is, or that a
//     run says that it is not. checkSettled demands that settled is only said
//     when that is true.
//   - watchDisks demands that a disk is made of the newest proven replica and
//     marked as what it is for, that a drill makes no more than DRILL_COUNT, ends
//     only what both marks show as a drill's, and tags as drilled only what was.
//   - settleDisks demands that drills have left nothing when the faults have
//     stopped, and that restores bring every disk back, one for each replica and
//     zone.
//   - The journal finds secrets in log lines, replies and errors.
//
// What is demanded is worked out from the simulator's truth. Names, eligibility,
// protection and keep rules are read here a second time, so that a mistake of the
// planner is not repeated.
//
// There are three excuses. What the nemesis changed so short a time ago that a
// run need not have observed it (nemesis.disturbed) is not held against the
// function. A source can't be replicated where the service refuses it for
// good, where three replicas came out spoilt, where a copy hangs and the
// service goes on calling it in progress, where a spoilt replica shows no
// age of its own, and where a proven one looks different now
// (director.hindrance): then verify has to report it. A run that is shown an
// empty region (invocation.blind) may make ten copies twice, and can't tell how
// the disks are.
//
// What can't be demanded amid faults is not: single words of a reply, limits of
// one run, alarms by name. Tests of the packages hold these.
//
// The exhaustive round is the other half. It plays one story once for each of
// its requests, those of its settling too, and each way in which that can
// break. It has to end as it does without a fault.
//
// A seed always draws the same world, and a fault is keyed by the request that
// it strikes. Only where the function sends several requests at the same
// moment does the scheduler decide which one goes first.
package storm
