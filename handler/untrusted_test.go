package handler_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// marker stands in every hostile text, so that it can be looked for wherever
// texts come out.
const marker = "h0stile"

// hostile are texts that are no id, no region and no name of anything.
var hostile = map[string]string{
	"a blank":            "snap-" + marker + " 2",
	"a line break":       "snap-" + marker + "\nsnap-2",
	"a carriage return":  "ap-" + marker + "\r\nSet-Cookie: x=1",
	"a double quote":     "snap-" + marker + `","SnapshotName":"x`,
	"a single quote":     "snap-" + marker + "' OR '1'='1",
	"a way up":           "../../" + marker,
	"HTML":               "<script>alert('" + marker + "')</script>",
	"a NUL":              "snap-" + marker + "\x00",
	"an escape sequence": "\x1b[31m" + marker + "\x1b]0;title\x07",
	"a right-to-left":    "snap-\u202e" + marker + "\u2028\u2029",
	"no ASCII":           "snap-快照" + marker,
	"a long text":        "snap-" + strings.Repeat(marker, 2000),
	"a shell command":    "snap-$(" + marker + ");`id`|&",
	"a format":           "%s%n%d" + marker + "%!x(MISSING)",
	"JSON":               `{"job":"retain","force":true,"` + marker + `":1}`,
}

// places are events with %s wherever a text can stand in one.
var places = []string{
	`{"snapshotId":%s}`, `{"job":%s}`, `{"job":"copy","sourceRegion":%s}`, `{"job":"copy","targetRegions":[%s]}`, `{"job":"plan",%s:1}`, `{"job":"plan","dryRun":%s}`,
	`{"Type":"Timer","Message":%s}`, `{"Type":"Timer","TriggerName":%s,"Message":"plan"}`, `{"Type":"Timer","Time":%s,"Message":"plan"}`, `{"Type":%s,"Message":"plan"}`,
	`{"specversion":"1.0","data":{"eventName":%s,"eventRegion":"ap-guangzhou"}}`,
	`{"specversion":"1.0","id":%[1]s,"data":{"eventName":"CreateSnapshot","eventRegion":%[1]s,"responseElements":"{\"SnapshotId\":\"snap-1\"}"}}`,
	`{"specversion":"1.0","source":%s,"data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou"}}`,
	`{"specversion":"1.0","subject":%s,"data":{"eventName":"CreateSnapshot","responseElements":"{\"SnapshotId\":\"snap-1\"}"}}`,
	`{"specversion":"1.0","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou","errorCode":%s}}`,
	`{"specversion":"1.0","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou","responseElements":{"SnapshotId":%s}}}`,
	`{"specversion":"1.0","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou","responseElements":%s}}`,
	`{"specversion":"1.0","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou","requestParameters":{"DiskId":%s}}}`,
	`{"specversion":"1.0","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou","requestParameters":{"DiskId":%s},"responseElements":{"SnapshotId":"snap-1"}}}`,
	`{"specversion":"1.0","data":{"eventName":"CreateSnapshotGroup","eventRegion":"ap-guangzhou","responseElements":{"SnapshotSet":[{"SnapshotId":%s}]}}}`,
	`{"EventList":[%s]}`, `[%s]`, `%s`, `{%[1]s:%[1]s}`, `{"key1":%[1]s,"key2":%[1]s}`, `{"specversion":%s}`,
	`{"httpMethod":%s,"path":"/"}`, `{"httpMethod":"GET","path":%s}`, `{"httpMethod":"GET","path":"/","headers":{"authorization":%s}}`,
	`{"httpMethod":"GET","path":"/","headers":{%[1]s:%[1]s},"queryString":{%[1]s:%[1]s},"body":%[1]s}`, `{"httpMethod":"GET","path":"/status.csv","queryString":%s}`,
}

func TestNothingHostileReachesACallALogLineOrAPage(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["STATUS_TOKEN"], rig.env["LOG_LEVEL"] = "a-long-token-1234", "debug"
		rig.disk(time.Hour)
		for what, text := range hostile {
			raw, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, place := range places {
				rig.logs.clear()
				event := fmt.Sprintf(place, raw)
				out, err := rig.send(rig.h, event, rig.brought)
				rig.wantClean(what+" in "+place, out, err)
			}
		}
		rig.wantNothingOf(marker)
		rig.wantUntouched()
	})
}

// wantClean demands that all that came out of an invocation is of one line,
// printable, and no panic; and that a page does not repeat what it was asked.
func (rig *rig) wantClean(what string, out []byte, err error) {
	rig.t.Helper()
	if err != nil {
		rig.wantLine(what+": error", err.Error())
		if strings.Contains(err.Error(), "internal error") {
			rig.t.Errorf("%s: %v", what, err)
		}
	}
	var page struct {
		StatusCode int
		Body       string
	}
	if len(out) > 0 {
		rig.wantStrings(what+": reply", out)
		if json.Unmarshal(out, &page) == nil && page.StatusCode != 0 && strings.Contains(string(out), marker) {
			rig.t.Errorf("%s: the page repeats it: %s", what, out)
		}
	}
	for line := range strings.Lines(rig.logs.all()) {
		if len(line) > 8<<10 {
			rig.t.Errorf("%s: a log line of %d bytes", what, len(line))
		}
		rig.wantStrings(what+": log", []byte(line))
	}
}

// wantStrings demands that every text in some JSON is printable.
func (rig *rig) wantStrings(what string, raw []byte) {
	rig.t.Helper()
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		rig.t.Errorf("%s is not one JSON value: %q", what, raw)
		return
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			rig.wantLine(what, strings.TrimSuffix(v, "\n")) // a page ends its only line
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for k, e := range v {
				rig.wantLine(what, k)
				walk(e)
			}
		}
	}
	walk(value)
}

func (rig *rig) wantLine(what, text string) {
	rig.t.Helper()
	if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 || len(text) > 7<<10 {
		rig.t.Errorf("%s: %d bytes, unprintable at %d: %.200q", what, len(text), i, text)
	}
}

// wantNothingOf demands that a text reached no parameter and no region of any
// request.
func (rig *rig) wantNothingOf(text string) {
	rig.t.Helper()
	for _, c := range rig.cloud.Calls() {
		if strings.Contains(string(c.Params)+c.Region, text) {
			rig.t.Errorf("%s in %s was asked with %s", c.Action, c.Region, c.Params)
		}
	}
}

// People and tools write into the account too, and the service may show states
// that nobody knows.
func TestNothingHostileComesOutOfTheAccount(t *testing.T) {
	for what, text := range hostile {
		t.Run(what, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.env["KEEP_LAST"], rig.env["MAX_AGE"] = "1", "0"
				disk, s := rig.disk(days(3)...)
				rig.copyAll()
				tags := map[string]string{plan.TargetsTag: bj + "+" + text, text: text, "env": text}
				tagged := rig.cloud.AddDisk(sim.Disk{Region: gz, Name: text, Tags: tags})
				rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Name: text, Disk: tagged, Created: time.Now(), Tags: tags})
				rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, State: text, Policy: text, Created: time.Now().Add(-time.Hour)})
				rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: "ferry_" + text, CopyFromRemote: true, Tags: tags, SharedWith: []string{text}})
				for i, r := range rig.cloud.Snapshots(bj)[:2] {
					rig.cloud.ChangeSnapshot(bj, r.ID, func(s *sim.Snapshot) { s.State, s.Percent = text, 50+i*50 })
				}
				asked := rig.cloud.Count("")
				for _, event := range append(jobs(disk, s[0]), `{"job":"copy","dryRun":true}`, `{"job":"verify"}`) {
					rig.logs.clear()
					out, err := rig.send(rig.h, event, rig.brought)
					rig.wantClean(event, out, err)
				}
				if rig.cloud.Count("") == asked {
					t.Error("nothing was asked: the test shows nothing")
				}
				rig.wantNothingOf(marker)
			})
		})
	}
}

// tooMuch are events that are no JSON, deeper than any real one, or full of one
// thing. They are made where they are used: together they take 200 MB.
func tooMuch() map[string]string {
	const levels = 100_000
	deep := strings.Repeat("[", levels) + strings.Repeat("]", levels)
	return map[string]string{
		"nothing":                       "",
		"blanks":                        " \n\t",
		"a NUL":                         "\x00",
		"invalid UTF-8":                 "\xff\xfe\xfd",
		"invalid UTF-8 in a text":       "{\"job\":\"pl\xffan\"}",
		"invalid UTF-8 in a key":        "{\"j\xffob\":\"plan\"}",
		"lists in lists":                deep,
		"lists in lists, never closed":  strings.Repeat("[", levels),
		"objects in objects":            strings.Repeat(`{"job":`, levels) + `1` + strings.Repeat("}", levels),
		"deep in a request":             `{"job":` + deep + `}`,
		"deep in a message":             `{"Type":"Timer","Message":` + deep + `}`,
		"deep in a text of a message":   `{"Type":"Timer","Message":"` + deep + `"}`,
		"deep in a record":              `{"specversion":"1","data":` + deep + `}`,
		"deep in a text of a record":    `{"specversion":"1","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou","responseElements":"` + deep + `"}}`,
		"deep headers":                  `{"httpMethod":"GET","headers":` + deep + `}`,
		"a key twice":                   `{"job":"plan","job":"retain"}`,
		"a key twice, in another case":  `{"job":"plan","Job":"retain"}`,
		"a key twice, in a message":     `{"Type":"Timer","Message":"{\"job\":\"plan\",\"job\":\"retain\"}"}`,
		"two values":                    `{"job":"plan"}{"job":"retain"}`,
		"a number too large":            `{"job":"plan","dryRun":1e999999}`,
		"a lone surrogate":              `{"job":"\ud800"}`,
		"a text of six megabytes":       `{"job":"` + strings.Repeat("x", 6<<20-12) + `"}`,
		"a key of six megabytes":        `{"` + strings.Repeat("x", 6<<20-12) + `":1}`,
		"a million keys":                `{"a":1` + strings.Repeat(`,"":1`, 1_000_000) + `}`,
		"a list of three million":       `[0` + strings.Repeat(`,0`, 3_000_000) + `]`,
		"a batch of three million":      `{"EventList":[0` + strings.Repeat(`,0`, 3_000_000) + `]}`,
		"three million ids":             `[` + record(gz, `{"SnapshotIdSet":["snap-1"`+strings.Repeat(`,1`, 3_000_000)+`]}`) + `]`,
		"more than six megabytes":       strings.Repeat(" ", 6<<20) + `{"job":"plan"}`,
		"half a million keys":           `{"job":"x"` + many(`,"%x":1`, 500_000) + `}`,
		"half a million headers":        `{"httpMethod":"GET","headers":{"a":"b"` + many(`,"%x":"1"`, 450_000) + `}}`,
		"a header of three million":     `{"httpMethod":"GET","headers":{"a":[0` + strings.Repeat(`,0`, 3_000_000) + `]}}`,
		"a parameter of three million":  `{"httpMethod":"GET","queryString":{"a":[0` + strings.Repeat(`,0`, 3_000_000) + `]}}`,
		"half a million parameters":     `{"httpMethod":"GET","queryString":"a` + many(`&%x`, 800_000) + `"}`,
		"a body of six megabytes":       `{"httpMethod":"GET","body":"` + strings.Repeat("x", 6<<20-40) + `"}`,
		"three million targets":         `{"targetRegions":[0` + strings.Repeat(`,0`, 3_000_000) + `],"job":"copy"}`,
		"half a million target regions": `{"job":"copy","targetRegions":["ap-a"` + many(`,"ap-b%x"`, 400_000) + `]}`,
		"half a million numbered ids":   `[` + record(gz, `{"DiskId":""`+many(`,"SnapshotIdSet.%d":"snap-1"`, 160_000)+`}`) + `]`,
		"ids in a text":                 `[` + record(gz, `{"SnapshotIdSet":"[0`+strings.Repeat(`,0`, 3_000_000)+`]"}`) + `]`,
		"a message of six megabytes":    `{"Type":"Timer","Message":"` + strings.Repeat("x", 6<<20-40) + `"}`,
		"a path of six megabytes":       `{"httpMethod":"GET","path":"/` + strings.Repeat("x", 6<<20-40) + `"}`,
		"a query of three million":      `{"httpMethod":"GET","path":"/","queryString":"a` + strings.Repeat("&a", 3_000_000) + `"}`,
		"a snapshot's name as its name": `{"snapshotId":"ferry_ckgjwkqh_omp7wl2m_ap-guangzhou_20261123T132100Z"}`,
	}
}

func TestEventsThatAreNoJSONOrTooDeepAreErrorsOfOneLine(t *testing.T) {
	for name, event := range tooMuch() {
		t.Run(name, func(t *testing.T) {
			wantHeld(t, func() {
				story(t, sim.Options{}, func(rig *rig) {
					rig.env["STATUS_TOKEN"] = "a-long-token-1234"
					out, err := rig.send(rig.h, event, rig.brought)
					rig.wantClean(name, out, err)
					if err == nil && !strings.Contains(string(out), `"statusCode":4`) && !strings.Contains(string(out), `"ignored":1`) {
						t.Errorf("taken for a job: %.200s", out)
					}
					if got := rig.cloud.Count(""); got > 0 {
						t.Errorf("%d requests", got)
					}
				})
			})
		})
	}
}
