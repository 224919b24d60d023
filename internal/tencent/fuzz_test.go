package tencent_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/tencent"
)

// publishedAnswers are the answers of the vendor's published examples and of
// the one recording, as they would come over the wire.
func publishedAnswers(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../testdata/api/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	out := map[string][]byte{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var sample struct {
			Response json.RawMessage
			Examples []struct{ Response json.RawMessage }
		}
		if err := json.Unmarshal(raw, &sample); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if len(sample.Response) > 0 {
			out[name] = sample.Response
		}
		for i, e := range sample.Examples {
			if i > 0 {
				out[fmt.Sprintf("%s, example %d", name, i+1)] = e.Response
				continue
			}
			out[name] = e.Response
		}
	}
	return out
}

func TestThePublishedAnswersAreRead(t *testing.T) {
	ctx, all := t.Context(), publishedAnswers(t)
	for name, ask := range map[string]func(*tencent.Cloud) error{
		"cbs.DescribeDisks":            func(c *tencent.Cloud) error { _, err := c.CountDisks(ctx, gz); return err },
		"cbs.DescribeSnapshotOverview": func(c *tencent.Cloud) error { _, err := c.CountSnapshots(ctx, gz); return err },
		"cbs.CopySnapshotCrossRegions": func(c *tencent.Cloud) error { _, err := c.Copy(ctx, order("snap-1", sh)); return err },
		"cbs.DeleteSnapshots":          func(c *tencent.Cloud) error { return c.Delete(ctx, gz, "snap-1", cloud.While{}) },
		"cbs.ModifySnapshotsSharePermission": func(c *tencent.Cloud) error {
			return c.Unshare(ctx, gz, []string{"snap-1"}, []string{"100000000002"})
		},
	} {
		if all[name] == nil {
			t.Errorf("%s: there is no such example", name)
		} else if err := ask(client(always(string(all[name])))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := list(ctx, client(always(string(all["cbs.DescribeSnapshots"]))), gz)
	noError(t, err)
	if len(got) != 2 || got[0].SystemDisk || !got[1].SystemDisk || got[0].Disk != "disk-omp7wl2m" || got[0].SizeGiB != 70 {
		t.Errorf("got %+v", got)
	}
	got, err = list(ctx, client(always(string(all["recorded.replica"]))), "ap-singapore")
	noError(t, err)
	want := []cloud.Snapshot{{
		ID: "snap-lbwv0qm5", Region: "ap-singapore", Name: "Copied snap-6z1cbtrc from ap-seoul",
		State: cloud.Normal, Percent: 100, SizeGiB: 10, CopyFromRemote: true, CopyingTo: []string{},
		Created: time.Date(2020, 6, 22, 1, 35, 3, 0, time.UTC),
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Whatever comes for an answer to whatever was asked: nothing panics, errors
// are one short line that knows its meaning, and what must not be sent twice
// is not.
func FuzzEveryAnswer(f *testing.F) {
	for _, body := range publishedAnswers(f) {
		f.Add(body)
	}
	f.Add([]byte(`{"Response":{"FailedResources":[{"Resource":"x","Code":"a\nb"}],"RequestId":"\u0000"}}`))
	f.Add([]byte(`{"Response":{"TotalNums":-1e300,"TotalCount":-5,"AccountId":7,"RegionSet":[{}]}}`))
	f.Add([]byte(strings.Repeat("[", 10_000)))
	f.Add([]byte(`{"Response":{"SnapshotCopyResultSet":[null,{"DestinationRegion":"ap-shanghai"}]}}`))
	f.Add([]byte(`{"code":4100,"message":"m","codeDesc":"d"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		sent := 0
		c := client(answers(func(*http.Request, string) string { sent++; return string(body) }), func(o *tencent.Options) {
			// Nothing may wait: the first pause would end after the cutoff.
			o.Pacer, o.Cutoff, o.Jitter = tencent.NewPacer(1e6), time.Now().Add(200*time.Millisecond), func() float64 { return 1 }
		})
		ctx := t.Context()
		_, err := list(ctx, c, gz)
		checkError(t, err)
		_, err = c.DisksByID(ctx, gz, []string{"disk-1"})
		checkError(t, err)
		_, err = c.CountDisks(ctx, gz)
		checkError(t, err)
		_, err = c.CountSnapshots(ctx, gz)
		checkError(t, err)
		_, err = c.Identity(ctx)
		checkError(t, err)
		_, err = c.Regions(ctx)
		checkError(t, err)
		failed, err := c.Tag(ctx, gz, "1", []string{"snap-1", "snap-2"}, map[string]string{plan.StateTag: plan.StateVerified})
		checkError(t, err)
		for id, err := range failed {
			checkError(t, err)
			if id != "snap-1" && id != "snap-2" {
				t.Errorf("%q was not to be tagged", id)
			}
		}
		sent = 0
		results, err := c.Copy(ctx, order("snap-1", sh, bj))
		checkError(t, err)
		if sent > 1 || (err == nil) != (len(results) == 2) {
			t.Errorf("got %d results, %v after %d requests", len(results), err, sent)
		}
		sent = 0
		checkError(t, c.Delete(ctx, gz, "snap-1", cloud.While{}))
		if sent > 1 {
			t.Errorf("a deletion was sent %d times", sent)
		}
	})
}

func checkError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	_ = meaning(t, err)
	if text := err.Error(); len(text) > 600 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("an error of %d bytes: %q", len(text), text)
	}
}
