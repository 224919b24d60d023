package storm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// A record is what is written down of one storm.
type record struct {
	start      time.Time
	mu         sync.Mutex
	trace      []string
	violations []string
}

// violate notes what must not be.
func (r *record) violate(format string, args ...any) {
	text := r.line("at", fmt.Sprintf(format, args...))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.violations = append(r.violations, text)
	r.trace = append(r.trace, "VIOLATION "+text)
}

// log adds a line to the trace.
func (r *record) log(format string, args ...any) {
	text := r.line("   ", fmt.Sprintf(format, args...))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trace = append(r.trace, text)
}

func (r *record) line(before, text string) string {
	return fmt.Sprintf("%s %12s: %s", before, time.Since(r.start).Truncate(time.Millisecond), text)
}

func (r *record) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.violations) > 0
}

// A reply is what is read of the function's reply.
type reply struct {
	Settled    bool
	Counts     map[string]int
	Omitted    int
	Protection struct{ Protected int }
	Actions    []action
}

type action struct {
	Action, Snapshot, Disk, From, To, Replica, Outcome, Reason string
	Point                                                      time.Time
}

// A journal reads all that an invocation logs. It keeps the reply, which a run
// that ends in an error tells there alone, and finds secrets.
type journal struct {
	reply   json.RawMessage
	said    map[series]action // the alarms about disks
	secrets [][]byte
	leaks   []string // where a secret was told
}

func newJournal(key string) *journal {
	return &journal{said: map[series]action{}, secrets: [][]byte{[]byte(secret(key)), []byte(token(key)), []byte(webhookKey), []byte(pageToken)}}
}

// Write takes one line. It implements io.Writer for slog, which writes one
// line at a time.
func (j *journal) Write(line []byte) (int, error) {
	j.search("log", line)
	if bytes.Contains(line, []byte(`"level":"ERROR","msg":"protect"`)) {
		var a struct{ Disk, Region, Target, Outcome, Reason string }
		if err := json.Unmarshal(line, &a); err != nil {
			return 0, err
		}
		j.said[series{a.Region, a.Disk, a.Target}] = action{Outcome: a.Outcome, Reason: a.Reason}
	}
	if bytes.Contains(line, []byte(`"msg":"reply"`)) { // logged once, after all work
		var of struct{ Reply json.RawMessage }
		if err := json.Unmarshal(line, &of); err != nil {
			return 0, err
		}
		j.reply = of.Reply
	}
	return len(line), nil
}

func (j *journal) search(where string, text []byte) {
	for _, s := range j.secrets {
		if bytes.Contains(text, s) {
			j.leaks = append(j.leaks, where+": "+string(text))
			return
		}
	}
}
