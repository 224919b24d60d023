// Package storm plays random days of a simulated account against the function
// and looks for anything lost, doubled or destroyed.
//
// A storm is drawn from one number, its seed: the account, the settings, the
// service's unknown habits (sim.Quirks), and a list of steps: snapshots made,
// events and timers (lost, doubled, late, overlapping), other tools at work,
// requests that break, copies that go wrong, quotas, expiring keys, killed
// instances. The function is reached as the platform reaches it, through
// handler.Invoke, and speaks to the simulator through the real client. When
// the steps are over the faults stop, there is room everywhere, and what
// refusals made the function believe lapses. From then on everything must
// settle within three rounds of copy, verify and retain, each of them so long
// after the one before that a copy has ended or timed out.
//
// What it promises:
//
//   - A seed replays: the same seed and code play the same storm. Chance comes
//     from the seed alone, and a fault is keyed by the request it strikes, so
//     that it does not move when another request is added elsewhere.
//   - What is demanded (see the files ledger, watch, check, limits, answer and
//     settle) is worked out from the simulator's truth, by a reading of the outside
//     contract of its own: names, eligibility and keep rules are not plan's.
//   - A failing seed is cut to the shortest prefix of its steps that fails.
//
// Round is the other half: one story, played once for each of its requests,
// those of its settling too, and each way in which that can break, has to end
// as it does without a fault.
//
// What the outside contract itself allows, and is therefore no violation:
//
//   - Another copy where the replica before is gone, renamed, or so spoilt that
//     it no longer counts: one attempt each COPY_TIMEOUT, three replicas at
//     most (section 2).
//   - A source that can't be replicated, as long as that is reported: refused by
//     the service for good, three spoilt replicas, a copy that hangs while the
//     service goes on calling it in progress (a conflict means just that), or
//     one whose age nobody can tell, since replicas show their source's
//     CreateTime (section 2: an alarm and no new attempt).
//   - A replica that came out wrong counts as complete once its source is gone:
//     there is nothing left to compare it with (section 2). It may be doubted.
//   - What an operator asks for by id: selection, age and keep rules do not hold
//     it back, and the next retention may undo it (section 4).
//   - A deletion whose justification others destroyed within the look's five
//     seconds, or while the request was on its way (section 1).
//   - A word that was true when the cloud was looked at, and is no longer: a
//     reply is held against the truth at its beginning and at its end.
//   - What follows from an answer that is a lie: "not found" and "in progress"
//     are believed in that run, a refusal for good by that instance, of that
//     source and region, for six hours. No other refusal excuses anything.
//   - What follows from a list that goes on showing what others have deleted
//     (sim.Quirks.DeleteLag): as long as that lasts, a run may take it for
//     complete, and rank, settle and delete accordingly. What others renamed
//     or changed is to be known at once.
//
// What it does not draw, because nothing could be demanded then: lists that
// stay stale for longer than a copy takes, copies that are over within the
// five seconds of a look, sources and replicas whose size others change.
//
// It does not look at texts, tables or speed, and knows nothing of jobs that
// neither copy, verify nor retain.
package storm
