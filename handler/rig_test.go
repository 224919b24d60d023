package handler_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tencentyun/scf-go-lib/functioncontext"

	"snapferry/handler"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

const (
	gz = "ap-guangzhou"
	bj = "ap-beijing"
	sh = "ap-shanghai"
)

// A rig is a simulated cloud and an instance of the function connected to it.
type rig struct {
	t       testing.TB
	cloud   *sim.Cloud
	h       *handler.Handler
	env     map[string]string // the function's own environment
	brought map[string]string // what each invocation brings
	timeout time.Duration     // of an invocation
	logs    *journal
	// complaints says that complaints of the simulator are expected.
	complaints bool
}

// A journal collects what all instances log. They write at once.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// all is everything that was logged since the last clear.
func (j *journal) all() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text.Reset()
}

// A role is the credentials that one invocation brings.
type role struct{ id, key, token string }

var ownRole = role{"AKIDrole", "role-key", "role-token"}

func (r role) variables() map[string]string {
	return map[string]string{
		"TENCENTCLOUD_SECRETID": r.id, "TENCENTCLOUD_SECRETKEY": r.key, "TENCENTCLOUD_SESSIONTOKEN": r.token,
		"TENCENTCLOUD_UIN": "100000000001",
	}
}

// story runs a test in a bubble with its own time. Unexpected complaints of the
// simulator fail it.
func story(t *testing.T, o sim.Options, tell func(rig *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t, o)
		tell(rig)
		if !rig.complaints && len(rig.cloud.Complaints()) > 0 {
			t.Errorf("the service complains:\n%s", strings.Join(rig.cloud.Complaints(), "\n"))
		}
	})
}

func newRig(t testing.TB, o sim.Options) *rig {
	rig := &rig{
		t: t, cloud: sim.New(o), logs: &journal{}, timeout: 15 * time.Minute, brought: ownRole.variables(),
		env: map[string]string{"TARGET_REGIONS": bj + "," + sh, "SOURCE_REGIONS": gz},
	}
	rig.deny()
	rig.h = rig.function(20, sim.Key{})
	return rig
}

// function is an instance of the function with a pacer of its own. With a key
// it uses that instead of what the invocation brings.
func (rig *rig) function(perSecond int, own sim.Key) *handler.Handler {
	pacer := tencent.NewPacer(perSecond)
	return &handler.Handler{
		Connect: func(c handler.Connection) job.Cloud {
			o := tencent.Options{
				ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Token: c.Credentials.Token.Reveal(),
				Transport: rig.cloud.Transport(), Pacer: pacer, Cutoff: c.Cutoff, Permissions: c.Permissions,
			}
			if own.ID != "" {
				o.ID, o.Key, o.Token = own.ID, own.Secret, own.Token
			}
			return tencent.New(o)
		},
		Getenv: func(name string) string { return rig.env[name] },
		Now:    time.Now,
		Log: func(l slog.Level) *slog.Logger {
			return slog.New(slog.NewJSONHandler(rig.logs, &slog.HandlerOptions{Level: l}))
		},
		Refused:     &job.Refusals{},
		FirstCopies: &job.FirstCopies{},
		Webhooks:    &listeners{},
		Workers:     8,
	}
}

// another is a second instance. Its key tells its requests from the others.
func (rig *rig) another(id string) *handler.Handler {
	key := sim.Key{ID: id, Secret: "another"}
	rig.cloud.AddKey(key)
	return rig.function(20, key)
}

// deny gives the function's role every permission but these.
func (rig *rig) deny(actions ...string) {
	rig.cloud.AddKey(sim.Key{ID: ownRole.id, Secret: ownRole.key, Token: ownRole.token, Deny: actions})
}

// fail makes the first n requests for an action in a region fail; -1 is all of
// them. "" is every action, or every region.
func (rig *rig) fail(n int, action, region string, f sim.Fault) {
	rig.cloud.SetInject(func(c sim.Call) sim.Fault {
		if n == 0 || action != "" && c.Action != action || region != "" && c.Region != region {
			return sim.Fault{}
		}
		n--
		return f
	})
}

// send sends an event as the platform does, with these variables.
func (rig *rig) send(h *handler.Handler, event string, brought map[string]string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), rig.timeout)
	defer cancel()
	return h.Invoke(functioncontext.NewContext(ctx, &functioncontext.FunctionContext{Environment: brought, RequestID: "req-1"}), []byte(event))
}

// invoke sends an event and reads the reply. The platform drops the reply where
// there is an error; it is read from the log then.
func (rig *rig) invoke(event string) (handler.Reply, error) {
	rig.t.Helper()
	began := time.Now()
	out, err := rig.send(rig.h, event, rig.brought)
	if took := time.Since(began); took >= rig.timeout {
		rig.t.Errorf("answered after %s, the invocation has %s", took, rig.timeout)
	}
	var r handler.Reply
	if err == nil {
		if err := json.Unmarshal(out, &r); err != nil {
			rig.t.Fatalf("reply %s: %v", out, err)
		}
		return r, nil
	}
	for line := range strings.Lines(rig.logs.all()) {
		var entry struct{ Reply *handler.Reply }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Reply != nil {
			r = *entry.Reply
		}
	}
	return r, err
}

// alarm sends an event that must fail, with an error that holds all words.
func (rig *rig) alarm(t *testing.T, event string, words ...string) handler.Reply {
	t.Helper()
	r, err := rig.invoke(event)
	if err == nil {
		t.Errorf("%s: no error; actions:\n%s", event, actions(r))
	}
	wantWords(t, err, words...)
	return r
}

// run sends an event that must succeed.
func (rig *rig) run(event string) handler.Reply {
	rig.t.Helper()
	r, err := rig.invoke(event)
	if err != nil {
		rig.t.Fatalf("%s: %v", event, err)
	}
	return r
}

const (
	copyTimer   = `{"Type":"Timer","TriggerName":"sweep","Time":"2026-11-23T00:00:00Z","Message":"copy"}`
	verifyTimer = `{"Type":"Timer","TriggerName":"verify","Time":"2026-11-23T00:00:00Z","Message":"verify"}`
	retainTimer = `{"Type":"Timer","TriggerName":"retain","Time":"2026-11-23T00:00:00Z","Message":"retain"}`
)

// created is the EventBridge event of a CreateSnapshot call.
func created(snapshot, disk string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"e-1","source":"cbs.cloud.tencent","type":"cbs:CloudEvent:ApiCall","subject":"x",
		"time":"1700000000000","region":"ap-guangzhou","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou","errorCode":"0",
		"requestParameters":"{\"DiskId\":\"%s\"}","responseElements":"{\"SnapshotId\":\"%s\"}"}}`, disk, snapshot)
}

// disk adds a disk with snapshots of these ages. It returns all ids.
func (rig *rig) disk(ages ...time.Duration) (string, []string) {
	id := rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50})
	var snaps []string
	for _, age := range ages {
		snaps = append(snaps, rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: id, SizeGiB: 50, Created: time.Now().Add(-age)}))
	}
	return id, snaps
}

// disks adds n disks with snapshots of these ages.
func (rig *rig) disks(n int, ages ...time.Duration) {
	for range n {
		rig.disk(ages...)
	}
}

// snapshot adds a new snapshot of a disk.
func (rig *rig) snapshot(disk string) string {
	return rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, Created: time.Now()})
}

// days are the ages of n snapshots, one a day.
func days(n int) []time.Duration {
	ages := make([]time.Duration, n)
	for i := range ages {
		ages[i] = time.Duration(i)*24*time.Hour + time.Hour
	}
	return ages
}

// quota sets how many snapshots each target region holds.
func (rig *rig) quota(n int) {
	rig.cloud.SetQuota(bj, n)
	rig.cloud.SetQuota(sh, n)
}

// copied is a sweep, and the time that copies take.
func (rig *rig) copied() {
	rig.t.Helper()
	rig.run(copyTimer)
	time.Sleep(time.Hour)
}

// copyAll copies everything that is there, whatever its age.
func (rig *rig) copyAll() {
	rig.t.Helper()
	rig.env["MAX_AGE"] = "0"
	rig.run(copyTimer)
	time.Sleep(2 * time.Hour)
	if r := rig.run(copyTimer); !r.Settled {
		rig.t.Fatalf("not settled:\n%s", actions(r))
	}
}

// history is a disk with a snapshot a day, all of them copied to one region. The
// keep rule comes after that.
func (rig *rig) history(n int, keepLast string) (disk string, snapshots []string) {
	rig.t.Helper()
	rig.env["TARGET_REGIONS"] = bj
	disk, snapshots = rig.disk(days(n)...)
	rig.copyAll()
	rig.env["KEEP_LAST"] = keepLast
	return disk, snapshots
}

// replicas are the replicas of a region as "source state", sorted.
func (rig *rig) replicas(region string) []string {
	var out []string
	for _, s := range rig.cloud.Snapshots(region) {
		if l, ok := plan.ParseName(s.Name); ok && s.CopyFromRemote {
			out = append(out, l.Source+" "+s.State)
		}
	}
	slices.Sort(out)
	return out
}

func (rig *rig) wantReplicas(region string, want ...string) {
	rig.t.Helper()
	slices.Sort(want)
	if got := rig.replicas(region); !slices.Equal(got, want) {
		rig.t.Errorf("replicas in %s:\n got %q\nwant %q", region, got, want)
	}
}

// wantUntouched demands that no request was sent that changes anything.
func (rig *rig) wantUntouched() {
	rig.t.Helper()
	for _, action := range []string{"CopySnapshotCrossRegions", "DeleteSnapshots", "TagResources", "ModifySnapshotsSharePermission"} {
		if got := rig.cloud.Count(action); got > 0 {
			rig.t.Errorf("%d × %s", got, action)
		}
	}
}

// wantShortLines demands that the platform keeps every log line whole.
func (rig *rig) wantShortLines() {
	rig.t.Helper()
	for line := range strings.Lines(rig.logs.all()) {
		if len(line) > 8<<10 {
			rig.t.Errorf("a log line of %d bytes: %.100s…", len(line), line)
		}
	}
}

func wantCounts(t *testing.T, r handler.Reply, want string) {
	t.Helper()
	var parts []string
	for o, n := range r.Counts {
		parts = append(parts, fmt.Sprintf("%s=%d", o, n))
	}
	slices.Sort(parts)
	if got := strings.Join(parts, " "); got != want {
		t.Errorf("counts: got %q, want %q; actions:\n%s", got, want, actions(r))
	}
}

func wantNumber(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %d, want %d", what, got, want)
	}
}

func wantSettled(t *testing.T, r handler.Reply, want bool) {
	t.Helper()
	if r.Settled != want {
		t.Errorf("settled: %v, want %v; actions:\n%s", r.Settled, want, actions(r))
	}
}

// wantWords demands that a text, or one of several, holds all words.
func wantWords(t *testing.T, text any, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(fmt.Sprint(text), w) {
			t.Errorf("got %q, want %q in it", text, w)
		}
	}
}

func actions(r handler.Reply) string {
	var b strings.Builder
	for _, a := range r.Actions {
		fmt.Fprintf(&b, "  %s %s %s→%s %s %s: %s\n", a.Kind, a.Snapshot, a.From, a.To, a.Outcome, a.Replica, a.Reason)
	}
	return b.String()
}

// fate lets every copy end in one way.
func fate(f sim.Fate) func(sim.Copy) sim.Fate { return func(sim.Copy) sim.Fate { return f } }
