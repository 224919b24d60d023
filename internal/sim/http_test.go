package sim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"snapferry/internal/sim"
)

// overSocket is the vendor's client, connected through real HTTP.
func overSocket(t *testing.T, c *sim.Cloud) *cbs.Client {
	t.Helper()
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	p := clientProfile()
	p.HttpProfile.Endpoint = strings.TrimPrefix(server.URL, "http://")
	p.HttpProfile.Scheme = "HTTP"
	p.HttpProfile.ReqTimeout = 1
	k, err := cbs.NewClient(common.NewCredential(testKey.ID, testKey.Secret), gz, p)
	noError(t, err)
	k.WithHttpTransport(&http.Transport{DisableKeepAlives: true})
	return k
}

func TestIdsFollowFromTheSeed(t *testing.T) {
	ids := func(seed uint64) string {
		c := newCloud(sim.Options{Seed: seed})
		text := c.AddDisk(sim.Disk{})
		for range 3 {
			id := c.AddSnapshot(sim.Snapshot{})
			rows := mustCopy(t, client(t, c, gz), id, "n", sh, bj)
			text += fmt.Sprint(" ", id, " ", *rows[0].SnapshotId, " ", *rows[1].SnapshotId)
		}
		return text
	}
	want(t, "the same seed", ids(7), ids(7))
	want(t, "another seed", ids(7) == ids(8), false)
	seen := map[string]bool{}
	c := newCloud(sim.Options{})
	for range 20000 {
		seen[c.AddSnapshot(sim.Snapshot{Region: sh})] = true
	}
	want(t, "different ids", len(seen), 20000)
}

func TestManyAtOnce(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1, CopyTime: time.Millisecond, Misuse: func(string) {}})
	c.SetQuota(sh, 1000)
	var wait sync.WaitGroup
	for n := range 8 {
		wait.Go(func() {
			k, far := client(t, c, gz), client(t, c, sh)
			for i := range 20 {
				id := c.AddSnapshot(sim.Snapshot{Deadline: time.Now().Add(time.Hour)})
				name := fmt.Sprint(n, " ", i)
				if _, err := startCopy(t, k, id, name, sh); err != nil {
					t.Error(err)
				}
				if _, err := list(t, far, "snapshot-name", name); err != nil {
					t.Error(err)
				}
				c.ChangeSnapshot(gz, id, func(s *sim.Snapshot) { s.Name = name })
				c.Snapshots("")
				c.Calls()
				c.RemoveSnapshot(gz, id)
			}
		})
	}
	wait.Wait()
	want(t, "copies", len(c.Copies()), 160)
	want(t, "replicas", len(c.Snapshots(sh)), 160)
	want(t, "originals", len(c.Snapshots(gz)), 0)
	want(t, "complaints", kinds(c), "")
}

// BenchmarkRequests measures one request to a region of 4,000 disks with 100
// snapshots each.
func BenchmarkRequests(b *testing.B) {
	c := newCloud(sim.Options{Rate: -1, KeepCalls: -1})
	now := time.Now()
	for disk := range 4000 {
		id := c.AddDisk(sim.Disk{})
		for n := range 100 {
			c.AddSnapshot(sim.Snapshot{Disk: id, Name: fmt.Sprint("name ", disk*100+n), Created: now.Add(-time.Duration(n) * time.Hour)})
		}
	}
	for _, a := range []ask{
		{action: "DescribeSnapshots", params: `{"Limit":100,"Offset":200000,"Order":"ASC"}`},
		{action: "DescribeSnapshots", params: `{"Filters":[{"Name":"snapshot-name","Values":["name 5000"]}]}`},
		{action: "DescribeDisks", params: `{"Limit":100,"Offset":2000}`},
	} {
		a.region = gz
		request := a.request()
		b.Run(a.action+" "+a.params, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := request.Clone(b.Context())
				r.Body, _ = request.GetBody()
				if _, err := c.Transport().RoundTrip(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
