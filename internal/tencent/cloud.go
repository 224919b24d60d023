package tencent

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"snapferry/internal/cloud"
)

// Options say how a Cloud reaches the service. ID and Key are required. All other
// fields may be zero.
type Options struct {
	// ID, Key and Token are the invocation's credentials. On the platform they
	// change with every invocation. Token is "" for permanent credentials.
	ID, Key, Token string
	// Endpoint is the address of all services, such as http://127.0.0.1:9000; "":
	// each service has its own host.
	Endpoint string
	// Domain is the end of the services' host names, default
	// tencentcloudapi.com. For finance regions the region's name is added.
	Domain string
	// Pacer is shared by all Clouds of a process; nil: a new one, for 20 requests
	// a second.
	Pacer *Pacer
	// Transport sends the requests; nil: one that the process shares.
	Transport http.RoundTripper
	// Permissions names the commands that print which permissions are needed, for the
	// hint where one is missing; "": no hint names one.
	Permissions string
	// Now is the clock for Cutoff and for a write's condition, default time.Now.
	Now func() time.Time
	// Jitter returns a number in [0,1) for the length of pauses, default a random
	// one. It must be safe for concurrent use.
	Jitter func() float64
	// Cutoff is the time after which no request is sent; zero: none.
	Cutoff time.Time
}

// publicDomain ends the host names of the services on the mainland.
const publicDomain = "tencentcloudapi.com"

// usualRate is the limit in the documents of every CBS API.
const usualRate = 20

// A Cloud is one account of the service, for one invocation. Make a new one for
// each invocation, because the credentials end with it. It is safe for concurrent
// use. It keeps only connections and a count of requests.
type Cloud struct {
	o       Options
	calls   atomic.Int64
	ahead   atomic.Pointer[time.Duration] // of this clock, by the last answer with a time
	mu      sync.Mutex                    // guards clients
	clients map[clientKey]*common.Client
}

// An SDK client has one region and one host. The host depends on the service and,
// for finance regions, on the region.
type clientKey struct{ service, region string }

// New returns a Cloud. It sends nothing.
func New(o Options) *Cloud {
	o.Domain = cmp.Or(o.Domain, publicDomain)
	if o.Pacer == nil {
		o.Pacer = NewPacer(usualRate)
	}
	if o.Transport == nil {
		o.Transport = newConnections()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	c := &Cloud{o: o, clients: map[clientKey]*common.Client{}}
	c.o.Transport = guardedTransport{o.Transport, c.noteClock}
	return c
}

// noteClock compares the clock with an answer's Date, which has whole seconds.
func (c *Cloud) noteClock(date string) {
	if at, err := http.ParseTime(date); err == nil {
		ahead := c.o.Now().Sub(at)
		c.ahead.Store(&ahead)
	}
}

// ClockAhead is how far the clock here is ahead of the service's, by its last answer
// that named a time; false if there was none.
func (c *Cloud) ClockAhead() (time.Duration, bool) {
	if ahead := c.ahead.Load(); ahead != nil {
		return *ahead, true
	}
	return 0, false
}

// Calls returns how many requests were sent so far, including repeats.
func (c *Cloud) Calls() int { return int(c.calls.Load()) }

// replyTime is how long an answer may take. Most take a tenth of a second.
const replyTime = 20 * time.Second

// client returns the SDK's client for a service and region, and creates it on the
// first call. A client is safe for concurrent use; a request object is not.
func (c *Cloud) client(service, region string) *common.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := clientKey{service, region}
	if client, ok := c.clients[key]; ok {
		return client
	}
	p := profile.NewClientProfile()
	p.Language = "en-US"
	p.DisableRegionBreaker = true // it counts successes as failures
	p.HttpProfile.ReqTimeout = int(replyTime / time.Second)
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint = c.o.host(service, region)
	// The SDK's own retries stay off: they ignore the context, know only one of
	// the four rate limit codes, and would repeat a copy.
	client := common.NewCommonClient(common.NewTokenCredential(c.o.ID, c.o.Key, c.o.Token), region, p).
		WithHttpTransport(c.o.Transport)
	c.clients[key] = client
	return client
}

// host is the scheme and host of a service for a region.
func (o *Options) host(service, name string) (scheme, host string) {
	if o.Endpoint != "" {
		scheme, host, ok := strings.Cut(strings.TrimRight(o.Endpoint, "/"), "://")
		if !ok {
			return "HTTPS", scheme
		}
		return strings.ToUpper(scheme), host
	}
	if cloud.IsFinance(name) {
		return "HTTPS", service + "." + name + "." + o.Domain
	}
	return "HTTPS", service + "." + o.Domain
}
