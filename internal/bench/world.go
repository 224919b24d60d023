package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"snapferry/internal/sim"
)

// home is the region of all sources.
const home = "ap-guangzhou"

var key = sim.Key{ID: "AKIDbench", Secret: "bench"}

// A world says what there is in the simulated cloud, and how it is reached.
type world struct {
	sources, disks int
	targets        []string
	replicated     bool // every source has a proven replica in every target
	rate           int  // requests a second for each API and region; negative: any
	network        network
}

// A network says how long an answer takes: one half on the way there, the other
// on the way back.
type network struct {
	latency time.Duration
	jitter  time.Duration // at most so much more
	connect time.Duration // in addition, on the way there, for the first request of a connection
}

// A service is a cloud that is being served. Close ends it.
type service struct {
	*sim.Cloud
	*httptest.Server
}

func (w world) serve() service {
	cloud := w.cloud()
	server := httptest.NewUnstartedServer(w.network.delay(cloud))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, unused{}, &atomic.Bool{})
	}
	server.Start()
	return service{cloud, server}
}

// env is the function's environment for this world.
func (w world) env(s service, rate int) map[string]string {
	return map[string]string{
		"API_ENDPOINT": s.URL, "API_RATE": fmt.Sprint(rate), "SOURCE_REGIONS": home, "TARGET_REGIONS": strings.Join(w.targets, ","),
		"TENCENTCLOUD_SECRETID": key.ID, "TENCENTCLOUD_SECRETKEY": key.Secret,
		"MAX_AGE": "0", "KEEP_LAST": "20", "STATUS_TOKEN": "-",
	}
}

// cloud makes the world. The disks come last: a snapshot that is added looks
// for its disk among all there are.
func (w world) cloud() *sim.Cloud {
	c := sim.New(sim.Options{Rate: w.rate, KeepCalls: -1, CopyTime: 10 * time.Minute})
	c.AddKey(key)
	now := time.Now().UTC().Truncate(time.Second)
	for i := range w.sources {
		source, disk := fmt.Sprintf("%08d", i), fmt.Sprintf("%08d", i%w.disks)
		created := now.Add(time.Duration(i-w.sources) * 5 * time.Second)
		c.AddSnapshot(sim.Snapshot{ID: "snap-" + source, Region: home, Disk: "disk-" + disk, Name: "daily", Created: created})
		if !w.replicated {
			continue
		}
		for _, target := range w.targets {
			c.AddSnapshot(sim.Snapshot{
				Region: target, CopyFromRemote: true, Created: created.Add(time.Second),
				Name: "ferry_" + source + "_" + disk + "_" + home + "_" + created.Format("20060102T150405Z"),
				Tags: map[string]string{"ferry:state": "verified"},
			})
		}
	}
	for i := range w.disks {
		c.AddDisk(sim.Disk{ID: fmt.Sprintf("disk-%08d", i), Region: home, Name: fmt.Sprintf("data-%d", i), State: "ATTACHED"})
	}
	for _, target := range w.targets {
		c.SetQuota(target, 2*w.sources)
	}
	return c
}

// unused is the key of what tells a connection's first request.
type unused struct{}

// delay serves as late as the network does.
func (n network) delay(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait := (n.latency + rand.N(n.jitter+1)) / 2
		if used, ok := r.Context().Value(unused{}).(*atomic.Bool); ok && !used.Swap(true) {
			wait += n.connect
		}
		time.Sleep(wait)
		next.ServeHTTP(lateAnswer{w, (n.latency + rand.N(n.jitter+1)) / 2}, r)
	})
}

// A lateAnswer is on its way for some time.
type lateAnswer struct {
	http.ResponseWriter
	wait time.Duration
}

func (a lateAnswer) WriteHeader(status int) {
	time.Sleep(a.wait)
	a.ResponseWriter.WriteHeader(status)
}
