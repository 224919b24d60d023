package cli_test

import (
	"bytes"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/handler"
	"snapferry/internal/cli"
	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/policy"
	"snapferry/internal/settings"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// A recorder notes which APIs the command that runs now calls, and lets requests and
// lists fail by chance.
type recorder struct {
	mu     sync.Mutex
	chance *rand.Rand
	job    cloud.Job
	lie    string // a region whose lists say that there are more rows than they show
	called map[cloud.Job]map[string]bool
}

func (r *recorder) inject(c sim.Call) sim.Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.called[r.job] == nil {
		r.called[r.job] = map[string]bool{}
	}
	r.called[r.job][c.Service+":"+c.Action] = true
	kinds := sim.FaultKinds()
	switch n := r.chance.IntN(20); {
	case n == 0:
		if k := kinds[r.chance.IntN(len(kinds))]; k != sim.HangBefore && k != sim.HangAfter { // the tests are not about time
			return sim.Fault{Kind: k, Code: "InternalError", Delay: time.Second}
		}
	case c.Region == r.lie:
		return sim.Fault{List: sim.ListFault{Add: 3}}
	}
	return sim.Fault{}
}

// commands are the command lines that run a job, as the function would do it, with
// what is on standard input.
var commands = map[cloud.Job][][2]string{
	cloud.Copy: {
		{"copy"},
		{"invoke -", `{"specversion":"1.0","source":"cbs.cloud.tencent","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou","responseElements":{"SnapshotId":"SNAPSHOT"}}}`},
		{"invoke -", `{"specversion":"1.0","source":"cbs.cloud.tencent","data":{"eventName":"DeleteSnapshots","eventRegion":"ap-beijing","requestParameters":{"SnapshotIds":["REPLICA"]},"userIdentity":{"secretId":"AKIDother"}}}`},
	},
	cloud.Verify:    {{"verify"}, {"verify --snapshot SNAPSHOT"}},
	cloud.Retain:    {{"retain --force"}},
	cloud.Drill:     {{"drill"}},
	cloud.Status:    {{"status --json"}, {"invoke -", `{"httpMethod":"GET","path":"/metrics","headers":{"authorization":"Bearer sixteen-letters-or-more"}}`}},
	cloud.Plan:      {{"plan"}, {"plan --snapshot SNAPSHOT"}},
	cloud.Check:     {{"check"}, {"invoke -", `{"key1":"test value 1","key2":"test value 2"}`}},
	cloud.Subscribe: {{"subscribe"}, {"subscribe"}, {"subscribe --remove"}},
	cloud.Restore: {
		{"restore --from ap-guangzhou --to ap-beijing --unproven --yes"},
		{"restore --from ap-guangzhou --to ap-beijing --write terraform"},
		{"restore --from ap-guangzhou --to ap-beijing --unproven --yes --zone ap-beijing-1 --type CLOUD_SSD"},
	},
}

// recorded plays one seed: a world of disks with histories that changes by the hour,
// in which all jobs run, in any order, under faults.
func recorded(t *testing.T, seed uint64, called map[cloud.Job]map[string]bool, env map[string]string) (missing []cloud.Job) {
	synctest.Test(t, func(t *testing.T) {
		chance := rand.New(rand.NewPCG(seed, 1))
		r := &recorder{chance: chance, called: called}
		b := newCloud(sim.Options{Seed: seed, Rate: -1, CopyTime: 20 * time.Minute, Inject: r.inject})
		b.cloud.AddKey(key)
		b.env = maps.Clone(env)
		b.deploy(t)
		b.world.Handler.Now = time.Now
		b.world.Handler.Connect = func(c handler.Connection) job.Cloud {
			return tencent.New(tencent.Options{ID: key.ID, Key: key.Secret, Transport: b.cloud.Transport(), Pacer: tencent.NewPacer(100)})
		}
		var disks []string
		for range 12 {
			disks = append(disks, b.cloud.AddDisk(sim.Disk{SizeGiB: 50, Tags: map[string]string{"app": "web"}}))
		}
		for range 24 {
			age := time.Duration(chance.IntN(60)) * time.Hour
			b.cloud.AddSnapshot(sim.Snapshot{Disk: disks[chance.IntN(len(disks))], Created: time.Now().Add(-age)})
		}
		b.env["DRY_RUN"] = "false"
		for _, args := range []string{"subscribe", "copy", "verify"} { // so that a dry run finds a rule and proven replicas
			b.played([2]string{args})
			time.Sleep(2 * time.Hour)
		}
		b.env["DRY_RUN"] = env["DRY_RUN"]
		for range 8 {
			for _, s := range b.cloud.Snapshots("ap-shanghai") { // somebody shares replicas
				b.cloud.ChangeSnapshot("ap-shanghai", s.ID, func(s *sim.Snapshot) { s.SharedWith = append(s.SharedWith, "100000000099") })
			}
			r.mu.Lock()
			r.lie = []string{"", "", "ap-beijing"}[chance.IntN(3)]
			r.mu.Unlock()
			if chance.IntN(3) == 0 {
				b.spoilRule()
			}
			for _, job := range policy.Jobs() {
				line := commands[job][chance.IntN(len(commands[job]))]
				r.mu.Lock()
				r.job = job
				r.mu.Unlock()
				if !b.played(line) && !slices.Contains(missing, job) {
					missing = append(missing, job)
				}
			}
			b.cloud.AddSnapshot(sim.Snapshot{Disk: disks[chance.IntN(len(disks))], Created: time.Now()})
			time.Sleep(time.Hour)
		}
	})
	return missing
}

// spoilRule switches rules off, as a person may.
func (b *rig) spoilRule() {
	for _, r := range b.cloud.Rules("ap-guangzhou") {
		b.cloud.ChangeRule(r.ID, func(r *sim.Rule) { r.Enabled = false })
	}
}

// played runs a command line. It reports whether there is such a command.
func (b *rig) played(line [2]string) bool {
	args, stdin := line[0], line[1]
	snapshots, replicas := b.cloud.Snapshots("ap-guangzhou"), b.cloud.Snapshots("ap-beijing")
	for name, list := range map[string][]sim.Snapshot{"SNAPSHOT": snapshots, "REPLICA": replicas} {
		id := "snap-none0000"
		if len(list) > 0 {
			id = list[len(list)-1].ID
		}
		args, stdin = strings.ReplaceAll(args, name, id), strings.ReplaceAll(stdin, name, id)
	}
	var out bytes.Buffer
	w := b.world
	w.Stdin, w.Stdout, w.Stderr = strings.NewReader(stdin), &out, &out
	code := cli.Run(context.Background(), strings.Fields(args), w)
	return code != 2 || !strings.Contains(out.String(), "unexpected argument")
}

func TestEachPolicyIsWhatItsJobCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs every command many times, one after the other")
	}
	env := map[string]string{
		"SOURCE_REGIONS": "ap-guangzhou", "TARGET_REGIONS": "ap-beijing,ap-shanghai", "KEEP_LAST": "2", "COPY_TAGS": "*", "STATUS_TOKEN": "sixteen-letters-or-more",
		"TENCENTCLOUD_SECRET_ID": key.ID, "TENCENTCLOUD_SECRET_KEY": key.Secret, "API_RATE": "100",
	}
	for name, more := range map[string]map[string]string{
		"as usual":            {},
		"without a keep rule": {"KEEP_LAST": "", "SHARE_ACCOUNTS": "100000000077"},
		"with SHARE_ACCOUNTS": {"SHARE_ACCOUNTS": "100000000077"},
		"with DRY_RUN":        {"DRY_RUN": "true", "SHARE_ACCOUNTS": "100000000077"},
	} {
		t.Run(name, func(t *testing.T) {
			env := maps.Clone(env)
			maps.Copy(env, more)
			set, err := settings.Read(func(name string) string { return env[name] }, "")
			if err != nil {
				t.Fatal(err)
			}
			called := map[cloud.Job]map[string]bool{}
			var missing []cloud.Job
			for seed := range uint64(6) {
				missing = recorded(t, seed, called, env)
			}
			for _, job := range policy.Jobs() {
				if slices.Contains(missing, job) {
					t.Logf("%s: there is no such command yet, so its policy is not held against anything", job)
					continue
				}
				got, want := slices.Sorted(maps.Keys(called[job])), slices.Sorted(slices.Values(policy.Calls(job, set)))
				if !slices.Equal(got, want) {
					t.Errorf("%s calls\n%q, and its policy has\n%q", job, got, want)
				}
			}
		})
	}
}

func TestAPolicyIsPrintedForTheSettingsInForce(t *testing.T) {
	b := newRig(t, sim.Options{})
	delete(b.env, "TARGET_REGIONS")
	b.env["SHARE_ACCOUNTS"], b.env["KEEP_GONE"] = "100000000077", "30d"
	for _, step := range []string{"retain --json", "retain", "copy --trust", "copy verify retain drill status"} {
		stdout, _ := b.wantCode(t, 0, append([]string{"policy"}, strings.Fields(step)...)...)
		golden(t, "policy_"+strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(step, " --json"), "--", ""), " ", "_"), stdout)
	}
	one, _ := b.wantCode(t, 0, "policy", "copy")
	if twice, _ := b.wantCode(t, 0, "policy", "copy", "copy"); twice != one {
		t.Errorf("the same job twice gives another policy:\n%s", twice)
	}
	for args, want := range map[string]string{
		"policy rob":               `"rob" has no policy: choose one of copy, verify, retain,`,
		"policy subscribe --trust": "it needs no role",
		"policy copy rob":          `"rob" has no policy`,
		"policy":                   "<job>",
	} {
		_, stderr := b.wantCode(t, 2, strings.Fields(args)...)
		wantText(t, stderr, want)
	}
	if n := b.cloud.Count(""); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}
