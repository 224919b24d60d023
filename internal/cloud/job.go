package cloud

import (
	"slices"
	"strings"
)

// A Job is what one run of the function does. Its text is the word that
// events, the JOB setting, replies and the command line use.
type Job string

// The jobs.
const (
	Copy   Job = "copy"   // start the copies that are missing
	Verify Job = "verify" // compare replicas with their sources
	Retain Job = "retain" // delete what the keep rules do not keep
	Drill  Job = "drill"  // restore a replica, then remove the disk again
	Status Job = "status" // report how well each disk is protected
	Plan   Job = "plan"   // report what copy and retain would do
	Check  Job = "check"  // try settings, credentials and permissions

	// Restore makes every disk again. It is only a command: no event asks for it.
	Restore Job = "restore"
)

// Subscribe sends the account's events to the function. Only the command line has it:
// no event asks for it.
const Subscribe Job = "subscribe"

var jobs = []Job{Copy, Verify, Retain, Drill, Status, Plan, Check}

// Jobs returns every job, in the order of the documentation.
func Jobs() []Job { return slices.Clone(jobs) }

// IsJob reports whether s names a job.
func IsJob(s string) bool { return slices.Contains(jobs, Job(s)) }

// JobNames names every job for a message: "copy, verify, …".
func JobNames() string {
	names := make([]string, len(jobs))
	for i, job := range jobs {
		names[i] = string(job)
	}
	return strings.Join(names, ", ")
}
