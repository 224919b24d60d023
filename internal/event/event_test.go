package event

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"snapferry/internal/cloud"
)

const eventDir = "../../testdata/events"

// eventFixtures is every fixture by its name without .json.
func eventFixtures(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(eventDir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures in %s: %v", eventDir, err)
	}
	out := map[string][]byte{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".json")] = raw
	}
	return out
}

var updateEvents = flag.Bool("update-events", false, "rewrite "+eventDir+"/expected.txt")

// Each fixture's name says what it shows; expected.txt says what becomes of it,
// and is read in review.
func TestEveryFixtureDecodesAsExpected(t *testing.T) {
	var got strings.Builder
	all := eventFixtures(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		e, err := Decode(all[name])
		fmt.Fprintf(&got, "-- %s --\n%s", name, describeEvent(t, e, err))
	}
	file := filepath.Join(eventDir, "expected.txt")
	if *updateEvents {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	compareLines(t, got.String(), string(want))
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("line %d:\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	if len(g) != len(w) {
		t.Fatalf("got %d lines, want %d", len(g), len(w))
	}
}

// describeEvent writes an event or its error for people, a line for each part.
func describeEvent(t *testing.T, e Event, err error) string {
	t.Helper()
	if err != nil {
		if !reflect.DeepEqual(e, Event{}) {
			t.Errorf("an event comes with the error %v", err)
		}
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	fmt.Fprintln(&b, e.Kind)
	for _, r := range e.Records {
		fmt.Fprintf(&b, "  %s\n", describeRecord(r))
	}
	if e.Timer != nil {
		fmt.Fprintf(&b, "  %q due %s: %s\n", e.Timer.Name, e.Timer.Time.Format(time.RFC3339), eventJSON(t, e.Timer.Request))
	}
	if e.Manual != nil {
		fmt.Fprintf(&b, "  %s\n", eventJSON(t, e.Manual))
	}
	if e.HTTP != nil {
		fmt.Fprintf(&b, "  %s\n", eventJSON(t, e.HTTP))
	}
	return b.String()
}

func describeRecord(r Record) string {
	out := fmt.Sprintf("%q in %q:", r.Action, r.Region)
	switch {
	case r.Err != nil:
		return out + " error: " + r.Err.Error()
	case r.Ignored != "":
		return out + " ignored: " + r.Ignored
	case r.DiskHint != "":
		return fmt.Sprintf("%s copy %v of %s", out, r.Snapshots, r.DiskHint)
	case r.Snapshots != nil:
		return fmt.Sprintf("%s copy %v", out, r.Snapshots)
	case r.Changed != nil:
		return fmt.Sprintf("%s changed %v by %+v", out, r.Changed, r.By)
	}
	return fmt.Sprintf("%s sweep %v", out, r.Disks)
}

func eventJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestARequestSurvivesBeingWrittenAndReadAgain(t *testing.T) {
	for name, raw := range eventFixtures(t) {
		e, err := Decode(raw)
		if err != nil || e.Kind != KindManual {
			continue
		}
		again, err := Decode([]byte(eventJSON(t, e.Manual)))
		if err != nil || !reflect.DeepEqual(again, e) {
			t.Errorf("%s: got %+v, %v, want %+v", name, again.Manual, err, e.Manual)
		}
	}
}

func TestAFullRequestLosesNoField(t *testing.T) {
	raw := eventFixtures(t)["manual_copy"]
	e, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	e.Manual.Force = true // false is left out when written
	var got, want map[string]any
	if err := json.Unmarshal([]byte(eventJSON(t, e.Manual)), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	want["force"] = true
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestHeadersAreFoundInAnyCase(t *testing.T) {
	e, err := Decode(eventFixtures(t)["http_function_url"])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Authorization", "authorization", "AUTHORIZATION"} {
		if got := e.HTTP.Headers.Get(name); got != "Bearer t0ken" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestAnEventOverTheLimitIsRefused(t *testing.T) {
	_, err := Decode(make([]byte, maxPayload+1))
	if err == nil || !strings.Contains(err.Error(), "more than the") {
		t.Errorf("got %v", err)
	}
}

// Decoding copies nothing again and again: twice the records take twice the memory.
func TestAFullBatchIsDecodedInLinearTime(t *testing.T) {
	one := strings.TrimSpace(string(eventFixtures(t)["eventbridge_create_snapshot_strings"]))
	var compact strings.Builder
	for line := range strings.Lines(one) {
		compact.WriteString(strings.TrimSpace(line))
	}
	const most = 10_000 // the platform's largest batch; here cut to the payload's limit
	n := min(most, maxPayload/(compact.Len()+1)-10)
	allocated := func(n int) uint64 {
		batch := []byte(`{"EventList":[` + strings.Repeat(compact.String()+",", n-1) + compact.String() + "]}")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		e, err := Decode(batch)
		if err != nil || len(e.Records) != n {
			t.Fatalf("got %d records, %v, want %d", len(e.Records), err, n)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if half, full := allocated(n/2), allocated(n); full > 3*half {
		t.Errorf("%d records take %d bytes, %d records %d bytes", n/2, half, n, full)
	}
	thin := `[` + strings.Repeat(`{"specversion":0},`, most-1) + `{"specversion":0}]`
	if e, err := Decode([]byte(thin)); err != nil || len(e.Records) != most {
		t.Errorf("got %d records, %v, want %d", len(e.Records), err, most)
	}
}

func FuzzDecode(f *testing.F) {
	for _, raw := range eventFixtures(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := Decode(raw)
		if err != nil {
			checkLine(t, err.Error())
			return
		}
		set := 0
		for kind, isSet := range map[Kind]bool{
			KindEventBridge: e.Records != nil, KindTimer: e.Timer != nil, KindManual: e.Manual != nil, KindHTTP: e.HTTP != nil,
		} {
			if isSet {
				set++
			}
			if isSet != (e.Kind == kind) {
				t.Errorf("an event of kind %s: %+v", e.Kind, e)
			}
		}
		if set == 0 && e.Kind != KindConsole || set > 1 {
			t.Errorf("%d kinds set", set)
		}
		for _, r := range e.Records {
			checkRecord(t, r)
		}
		if e.Manual != nil {
			checkManual(t, *e.Manual)
		}
		if e.Timer != nil {
			checkManual(t, e.Timer.Request)
		}
	})
}

func checkRecord(t *testing.T, r Record) {
	t.Helper()
	set := 0
	for _, isSet := range []bool{r.Snapshots != nil, r.Disks != nil, r.Changed != nil, r.Ignored != "", r.Err != nil} {
		if isSet {
			set++
		}
	}
	if set != 1 {
		t.Errorf("a record asks for %d things: %+v", set, r)
	}
	if r.Err != nil {
		checkLine(t, r.Err.Error())
	}
	checkLine(t, r.Ignored)
	asks := r.Snapshots != nil || r.Disks != nil || r.Changed != nil
	checkLine(t, r.By.Name)
	if (asks || r.Region != "") && !cloud.IsRegion(r.Region) {
		t.Errorf("region %q", r.Region)
	}
	checkForms(t, r.Snapshots, cloud.IsSnapshotID)
	checkForms(t, r.Disks, cloud.IsDiskID)
	checkForms(t, r.Changed, cloud.IsSnapshotID)
	if r.DiskHint != "" {
		checkForms(t, []string{r.DiskHint}, cloud.IsDiskID)
	}
}

func checkManual(t *testing.T, m Manual) {
	t.Helper()
	if m.Job != "" {
		checkForms(t, []string{string(m.Job)}, cloud.IsJob)
	}
	if m.SnapshotID != "" {
		checkForms(t, []string{m.SnapshotID}, cloud.IsSnapshotID)
	}
	if m.SourceRegion != "" {
		checkForms(t, []string{m.SourceRegion}, cloud.IsRegion)
	}
	checkForms(t, m.TargetRegions, cloud.IsRegion)
}

func checkForms(t *testing.T, all []string, valid func(string) bool) {
	t.Helper()
	for _, s := range all {
		if !valid(s) {
			t.Errorf("%q comes through", s)
		}
	}
}

// checkLine: whatever is in an event, a message about it is one short line.
func checkLine(t *testing.T, s string) {
	t.Helper()
	if i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 || len(s) > 8<<10 {
		t.Errorf("a message of %d bytes, unprintable at %d: %q", len(s), i, cut(s))
	}
}
