package sim_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// published is what the vendor documents of answers: the fields of each type, and
// of each answer under its service and action.
type published struct {
	types    map[string]map[string]publishedField
	seen     map[string]bool // types that an answer had
	problems map[string]bool // what answers had that is not published, or lacked
}

type publishedField struct {
	kind             string // text, truth, number or a type; with [] before it, a list
	null, unimitated bool
	values           []string // empty: any
}

// readPublished reads testdata/published.txt, whose head explains its form.
func readPublished(t *testing.T) *published {
	t.Helper()
	raw, err := os.ReadFile("testdata/published.txt")
	noError(t, err)
	p := &published{map[string]map[string]publishedField{}, map[string]bool{}, map[string]bool{}}
	var fields map[string]publishedField
	for line := range strings.Lines(string(raw)) {
		text, _, _ := strings.Cut(strings.TrimSpace(line), "#")
		words := strings.Fields(text)
		switch {
		case len(words) == 0:
		case line[0] != ' ':
			fields = map[string]publishedField{}
			p.types[strings.Join(words[1:], " ")] = fields
		case strings.HasSuffix(text, " not imitated"):
			fields[words[0]] = publishedField{unimitated: true}
		default:
			kind, null := strings.CutSuffix(words[1], "?")
			fields[words[0]] = publishedField{kind: kind, null: null, values: words[2:]}
		}
	}
	return p
}

func (p *published) problem(format string, args ...any) {
	p.problems[fmt.Sprintf(format, args...)] = true
}

// checkObject compares an object with the published type.
func (p *published) checkObject(path, kind string, got map[string]any) {
	p.seen[kind] = true
	fields := p.types[kind]
	for name := range got {
		if _, known := fields[name]; !known {
			p.problem("%s.%s is not published", path, name)
		}
	}
	for name, f := range fields {
		value, there := got[name]
		switch {
		case f.unimitated && value != nil:
			p.problem("%s.%s is listed as not imitated", path, name)
		case f.unimitated || there && value == nil && f.null:
		case !there:
			p.problem("%s.%s is missing", path, name)
		default:
			p.checkValue(path+"."+name, f.kind, f.values, value)
		}
	}
}

func (p *published) checkValue(path, kind string, values []string, got any) {
	one, isList := strings.CutPrefix(kind, "[]")
	list, gotList := got.([]any)
	fields, gotObject := got.(map[string]any)
	scalar := map[string]string{"string": "text", "bool": "truth", "float64": "number"}[fmt.Sprintf("%T", got)]
	switch {
	case isList && gotList:
		for _, element := range list {
			p.checkValue(path+"[]", one, values, element)
		}
	case gotObject && p.types[kind] != nil:
		p.checkObject(path, kind, fields)
	case scalar != kind:
		p.problem("%s is %v, which is no %s", path, got, kind)
	case len(values) > 0 && !slices.Contains(values, cmp.Or(fmt.Sprint(got), `""`)):
		p.problem("%s is %v; published are %s", path, got, strings.Join(values, ", "))
	}
}

// publishedWorld has something of every kind to show, and returns requests for
// all actions that need parameters.
func publishedWorld(t *testing.T, c *sim.Cloud) map[string]string {
	t.Helper()
	params := sampleParams(t, c)
	for _, state := range []string{"NORMAL", "CREATING", "ROLLBACKING", "COPYING_FROM_REMOTE", "CHECKING_COPIED", "TORECYCLE"} {
		c.AddSnapshot(sim.Snapshot{State: state, Usage: "SYSTEM_DISK", Type: "SHARED_SNAPSHOT", Tags: map[string]string{"a": "b"}})
	}
	for _, state := range []string{"UNATTACHED", "ATTACHED", "TORECYCLE"} {
		c.AddDisk(sim.Disk{State: state, Usage: "SYSTEM_DISK", Encrypted: true})
	}
	k := client(t, c, gz)
	moving := c.AddSnapshot(sim.Snapshot{})
	mustCopy(t, k, moving, "n", sh)
	shared := c.AddSnapshot(sim.Snapshot{SharedWith: []string{"1044849112"}})
	want(t, "a disk being made", ask{action: "CreateDisks", region: gz, params: params["CreateDisks"]}.code(t, c), "")
	c.AddSnapshot(sim.Snapshot{Region: bj})
	c.SetQuota(bj, 1)
	params["CopySnapshotCrossRegions"] = object(map[string]any{
		"SnapshotId": moving, "SnapshotName": "n", "DestinationRegions": []string{sh, bj, "ap-shanghai-fsi", "ap-seoul"},
	})
	params["DescribeSnapshots"], params["DescribeDisks"] = `{"Limit":100}`, `{"Limit":100}`
	params["DescribeSnapshotSharePermission"] = `{"SnapshotId":"` + shared + `"}`
	params["DescribeRegions"] = `{"Product":"cbs"}`
	params["TagResources"] = `{"ResourceList":["qcs::cvm:` + gz + `:uin/1:snapshot/snap-none"],"Tags":[{"TagKey":"a","TagValue":"b"}]}`
	return params
}

// TestAnswersAreAsPublished asks each action once, and for lists at each stage of
// a copy. The fate Strange is left out: its state is made up on purpose.
func TestAnswersAreAsPublished(t *testing.T) {
	p := readPublished(t)
	ask := func(c *sim.Cloud, service, action, region, params string) {
		got := ask{service: service, action: action, region: region, params: cmp.Or(params, "{}")}.send(t, c)
		delete(got, "RequestId")
		p.checkObject(action, service+" "+action, got)
	}
	for action, service := range sim.Actions() {
		bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
			ask(c, service, action, gz, publishedWorld(t, c)[action])
		})
	}
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		mustCopy(t, client(t, c, gz), c.AddSnapshot(sim.Snapshot{}), "n", sh)
		for range 15 { // seconds: a copy takes 12
			ask(c, "cbs", "DescribeSnapshots", gz, "")
			ask(c, "cbs", "DescribeSnapshots", sh, "")
			time.Sleep(time.Second)
		}
	})
	for kind := range p.types {
		if !p.seen[kind] {
			p.problem("no answer had %s", kind)
		}
	}
	for _, text := range slices.Sorted(maps.Keys(p.problems)) {
		t.Error(text)
	}
}
