package status_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/status"
)

var update = flag.Bool("update", false, "write the golden files anew")

// written returns what one face writes.
func written(t *testing.T, face func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := face(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile("testdata/"+name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// verified is the input that the planner's verify gives for a small world: a machine
// of two disks (web, db), of which one is late, a disk that can't be copied, one that
// arrives, and one that is gone. ap-shanghai can't be read. With lost, the source
// region can't be read either.
func verified(lost bool) status.Input {
	in := input()
	in.Targets, in.Took, in.APICalls = []string{bj, sh}, 2500*time.Millisecond, 8
	in.Unseen = []status.Unseen{{Region: sh, Reason: "list snapshots: timeout"}}
	r := plan.Rules{Sources: in.Sources, Targets: in.Targets, CopyTimeout: 6 * time.Hour, RPO: in.RPO}
	w := plan.NewWorld(&r, t0)
	var sources, replicas []cloud.Snapshot
	snapshot := func(disk string, age time.Duration, replica int) { // replica: its percent, or -1
		l := plan.Lineage{Source: fmt.Sprintf("snap-%s%d", disk, int(age.Hours())), Disk: "disk-" + disk, Region: gz, Created: t0.Add(-age)}
		sources = append(sources, cloud.Snapshot{ID: l.Source, Region: gz, Disk: l.Disk, Created: l.Created, State: cloud.Normal, Percent: 100, SizeGiB: 50, Encrypted: disk == "c"})
		rep := cloud.Snapshot{ID: "snap-r" + l.Source[5:], Region: bj, Name: l.Name(), Created: l.Created.Add(time.Hour), State: cloud.Normal, Percent: 100, SizeGiB: 50, CopyFromRemote: true, Tags: map[string]string{plan.StateTag: plan.StateVerified}}
		if replica >= 0 {
			if rep.Percent = replica; replica < 100 {
				rep.State, rep.Tags = cloud.Copying, nil
			}
			replicas = append(replicas, rep)
		}
	}
	const day = 24 * time.Hour
	snapshot("a", day, 100)
	snapshot("a", 5*day-20*time.Second, 100)
	snapshot("b", 5*day, 100)
	snapshot("c", day, -1)
	snapshot("d", 2*time.Hour, 30)
	snapshot("e", 9*day, 100)
	sources = sources[:len(sources)-1] // disk-e and its snapshot are gone
	w.Add(bj, replicas)
	w.Drop(sh, in.Unseen[0].Reason)
	if lost {
		in.Unseen = append(in.Unseen, status.Unseen{Region: gz, Reason: "no answer"})
		w.Drop(gz, "no answer")
		w.DisksUnread[gz] = "no answer"
	} else {
		in.Disks = map[string]status.Detail{
			"disk-a": {Name: "web", Instance: "ins-1", SizeGiB: 50}, "disk-b": {Name: "db", Instance: "ins-1", SizeGiB: 80},
			"disk-c": {Name: "=cmd|' /C calc'!A0"}, "disk-d": {}, "disk-x": {Name: "scratch", Instance: "ins-1"},
		}
		w.Add(gz, sources)
		for _, d := range []string{"a", "b", "c", "d"} {
			w.AddDisks(gz, []cloud.Disk{{ID: "disk-" + d, Region: gz}})
		}
	}
	plan.Verify(&r, w, plan.Task{}, t0, in.Note, func(warnings ...string) { in.Warnings = append(in.Warnings, warnings...) })
	for i := range in.Copies {
		percent := 30
		in.Copies[i].Percent, in.Copies[i].Since = &percent, t0.Add(-time.Hour)
	}
	in.Quota = []status.Usage{{Region: bj, Used: 412, Limit: 2624, Week: 70}, {Region: gz, Used: 70, Limit: 64}}
	in.Drills = []status.Drill{{To: bj, Disk: "disk-a", Replica: "snap-ra24", Week: "2026-W47"}, {To: bj, Disk: "disk-a", Replica: "snap-r", Week: "2026-W05"}, {To: bj, Week: "2026-W99"}}
	return in
}

// The faces of one world. The contract fixes every name in them.
func TestTheFacesAreWhatTheContractSays(t *testing.T) {
	m := status.Build(verified(false))
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(written(t, m.JSON)), "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "status.json", b.String())
	golden(t, "status.csv", written(t, m.CSV))
	golden(t, "metrics.txt", written(t, m.Metrics))
}

// On the day that this product is for, only the replicas are left to tell from.
func TestWithoutTheSourceRegionTheReplicasTell(t *testing.T) {
	m := status.Build(verified(true))
	text := written(t, m.JSON)
	for _, want := range []string{
		`"verdict":"1 of 4 disks are protected in all their regions; 1 copying, 2 late; ap-guangzhou, ap-shanghai could not be read"`,
		`"disk":"disk-a","from":"ap-guangzhou","state":"protected"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	for _, unknown := range []string{`"name"`, `"sizeGiB"`, `"instance":`, `null`} {
		if strings.Contains(text, unknown) {
			t.Errorf("%s is invented in\n%s", unknown, text)
		}
	}
}

func TestNothingIsAnEmptyList(t *testing.T) {
	in := status.Input{At: t0}
	m := status.Build(in)
	const want = `{"version":1,"at":"2026-11-24T02:00:00Z","rpo":"0h","verdict":"No disk is in care","protection":{"disks":0,"protected":0,"late":0,"copying":0,"unprotected":0,"gone":0},` +
		`"disks":[],"ifLost":[],"instances":[],"copies":[],"quota":[],"drills":[],"unseen":[],"warnings":[]}` + "\n"
	if got := written(t, m.JSON); got != want {
		t.Errorf("got %s", got)
	}
	if got := written(t, m.CSV); strings.Count(got, "\n") != 1 {
		t.Errorf("got %s", got)
	}
}

func TestWhatComesBackIfTheSourceIsLost(t *testing.T) {
	const h = time.Hour
	for name, c := range map[string]struct {
		rows []plan.Decision
		want status.Loss
	}{
		"the older of the two in the middle": {
			[]plan.Decision{row("a", bj, plan.Protected, h), row("b", bj, plan.Protected, 2*h), row("c", bj, plan.Late, 99*h), row("d", bj, plan.Protected, 3*h)},
			status.Loss{Disks: 4, ComeBack: 4, MedianPoint: t0.Add(-3 * h), OldestPoint: t0.Add(-99 * h), Lost: []string{}},
		},
		"of three, the second": {
			[]plan.Decision{row("a", bj, plan.Protected, 2*h), row("b", bj, plan.Protected, h), row("c", bj, plan.Protected, 3*h)},
			status.Loss{Disks: 3, ComeBack: 3, MedianPoint: t0.Add(-2 * h), OldestPoint: t0.Add(-3 * h), Lost: []string{}},
		},
		"lost ones, the gone one not": {
			[]plan.Decision{row("b", bj, plan.Arriving, 0), row("a", bj, plan.Unprotected, 0), row("c", bj, plan.Protected, h), row("d", bj, plan.GoneDisk, h)},
			status.Loss{Disks: 3, ComeBack: 1, MedianPoint: t0.Add(-h), OldestPoint: t0.Add(-h), Lost: []string{"disk-a", "disk-b"}},
		},
		"none comes back": {[]plan.Decision{row("a", bj, plan.Unprotected, 0)}, status.Loss{Disks: 1, Lost: []string{"disk-a"}}},
	} {
		c.want.From, c.want.To = gz, bj
		m := status.Build(input(c.rows...))
		if !reflect.DeepEqual(m.IfLost, []status.Loss{c.want}) {
			t.Errorf("%s: got %+v", name, m.IfLost)
		}
	}
	noTarget := plan.Decision{Kind: plan.KindProtect, Disk: "disk-a", From: gz, Outcome: plan.Unprotected}
	if m := status.Build(input(noTarget)); len(m.IfLost) != 0 || m.Protection.Unprotected != 1 {
		t.Errorf("a disk without a target: %+v", m)
	}
}

func TestAMachinesCommonPointAgreesWithASearchOfAllChoices(t *testing.T) {
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		in, points := input(), [3][]uint32{}
		in.Disks, in.Points = map[string]status.Detail{}, map[status.Series][]uint32{}
		for d := range points {
			id := string(rune('a' + d))
			in.Disks["disk-"+id] = status.Detail{Instance: "ins-1"}
			for range rng.IntN(5) {
				points[d] = append(points[d], uint32(t0.Unix())-rng.Uint32N(400))
			}
			r := row(id, bj, plan.Protected, 0)
			if len(points[d]) > 0 {
				r.Point = time.Unix(int64(slices.Max(points[d])), 0)
			}
			in.Rows, in.Points[status.Series{Disk: "disk-" + id, To: bj}] = append(in.Rows, r), points[d]
		}
		want := uint32(0)
		for _, a := range points[0] {
			for _, b := range points[1] {
				for _, c := range points[2] {
					if oldest := min(a, b, c); max(a, b, c)-oldest <= 60 {
						want = max(want, oldest)
					}
				}
			}
		}
		m := status.Build(in)
		if got := m.Instances[0]; want == 0 && (!got.CommonPoint.IsZero() || !strings.Contains(got.Reason, "disk")) || want != 0 && (got.CommonPoint.Unix() != int64(want) || got.Reason != "") {
			t.Fatalf("seed %d: got %+v, want %d of %v", seed, got, want, points)
		}
	}
}

func TestADiskWithOtherTargetsBreaksItsMachine(t *testing.T) {
	for name, other := range map[string]plan.Decision{"elsewhere": row("b", sh, plan.Protected, time.Hour), "nowhere": {Kind: plan.KindProtect, Disk: "disk-b", From: gz, Outcome: plan.Unprotected}} {
		in := input(row("a", bj, plan.Protected, time.Hour), other)
		in.Disks = map[string]status.Detail{"disk-a": {Instance: "ins-1"}, "disk-b": {Instance: "ins-1"}}
		m := status.Build(in)
		if i := m.Instances; len(i) == 0 || !i[0].CommonPoint.IsZero() || !strings.HasPrefix(i[0].Reason, "disk-b is not copied to ap-beijing") {
			t.Errorf("%s: got %+v", name, i)
		}
	}
}

func TestADiskIsAsBadAsItsWorstRegionAndTheWorstComesFirst(t *testing.T) {
	rows := []plan.Decision{
		row("gone", bj, plan.GoneDisk, time.Hour), row("fine", bj, plan.Protected, time.Hour), row("later", bj, plan.Late, 99*time.Hour), row("late", bj, plan.Late, 98*time.Hour),
		row("late", sh, plan.Protected, time.Hour), row("bad", bj, plan.Protected, time.Hour), row("bad", sh, plan.Unprotected, 0), row("new", sh, plan.Arriving, 0),
	}
	want := status.Build(input(rows...))
	order := ""
	for _, d := range want.Disks {
		order += fmt.Sprintf("%s %s, ", strings.TrimPrefix(d.Disk, "disk-"), d.State)
	}
	if order != "bad unprotected, later late, late late, new copying, fine protected, gone gone, " {
		t.Errorf("got %s", order)
	}
	if want.Verdict != "1 of 5 disks are protected in all their regions; 1 copying, 2 late, 1 unprotected" {
		t.Errorf("got %s", want.Verdict)
	}
	for seed := range uint64(20) {
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		got := status.Build(input(rows...))
		if !reflect.DeepEqual(got.Disks, want.Disks) || !reflect.DeepEqual(got.IfLost, want.IfLost) {
			t.Fatalf("seed %d: another order of the input gives another model", seed)
		}
	}
}

func TestTheDayThatARegionIsFull(t *testing.T) {
	for name, c := range map[string]struct {
		status.Usage
		want time.Duration // 0: never
	}{
		"one a day, ten free":          {status.Usage{Used: 90, Limit: 100, Week: 7}, 240 * time.Hour},
		"nothing grows":                {status.Usage{Used: 90, Limit: 100}, 0},
		"in more than a hundred years": {status.Usage{Used: 1, Limit: 1 << 40, Week: 1}, 0},
		"over its limit":               {status.Usage{Used: 101, Limit: 100, Week: 1}, time.Nanosecond},
	} {
		in := input()
		in.Quota = []status.Usage{c.Usage}
		want := time.Time{}
		if c.want > 0 {
			want = t0.Add(c.want.Truncate(time.Second))
		}
		m := status.Build(in)
		if got := m.Quota[0]; !got.FullAt.Equal(want) || got.Free != max(c.Limit-c.Used, 0) {
			t.Errorf("%s: got %+v, want %s", name, got, want)
		}
	}
}
