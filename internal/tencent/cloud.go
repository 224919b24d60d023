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

// Options say how a Cloud reaches the service. ID and Key are required, the
// zero value of everything else is useful.
type Options struct {
	// ID, Key and Token are the invocation's credentials. On the platform they
	// change with every invocation; Token is "" for lasting ones.
	ID, Key, Token string
	// Endpoint is where every service is called instead of at its own host,
	// e.g. http://127.0.0.1:9000.
	Endpoint string
	// Domain is the end of the services' host names, default
	// tencentcloudapi.com. Finance regions put their name before it.
	Domain string
	// Pacer is shared by all Clouds of a process; nil: one of its own, for 20
	// requests a second.
	Pacer *Pacer
	// Transport carries the requests; nil: one that the process shares.
	Transport http.RoundTripper
	// Now tells the time that Cutoff and NotAfter are compared with, default
	// time.Now.
	Now func() time.Time
	// Jitter returns a number in [0,1) that spreads repeats, default a random
	// one. It must be safe for concurrent use.
	Jitter func() float64
	// Cutoff is the time from which on no request is sent; zero: none.
	Cutoff time.Time
}

// publicDomain ends the host names of the services on the mainland.
const publicDomain = "tencentcloudapi.com"

// usualRate is what the documents of every CBS API allow.
const usualRate = 20

// A Cloud is one account of the service, as one invocation sees it. Make one
// for each invocation, since its credentials do not outlive it. It is safe for
// concurrent use; it keeps nothing but connections and a count of requests.
type Cloud struct {
	o       Options
	calls   atomic.Int64
	mu      sync.Mutex // guards clients
	clients map[clientKey]*common.Client
}

// A client of the SDK is bound to a region; to which service its requests go
// is said by them, but the host of a finance region is part of its profile.
type clientKey struct{ service, region string }

// New returns a Cloud. It sends nothing.
func New(o Options) *Cloud {
	o.Domain = cmp.Or(o.Domain, publicDomain)
	if o.Pacer == nil {
		o.Pacer = NewPacer(usualRate)
	}
	if o.Transport == nil {
		o.Transport = freshConnections()
	}
	o.Transport = guardedTransport{o.Transport}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	return &Cloud{o: o, clients: map[clientKey]*common.Client{}}
}

// Calls returns how many requests were sent so far, repeats included.
func (c *Cloud) Calls() int { return int(c.calls.Load()) }

// replyTime is how long an answer may take. Most take a tenth of a second; what
// takes longer than this does not come any more.
const replyTime = 20 * time.Second

// client returns the SDK's client for a service and region, and makes it the
// first time. A client is safe for many goroutines; a request object is not.
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
	// The SDK's own retries stay at zero: they don't look at the context, know
	// one of the four codes for "too fast", and must never touch a copy.
	client := common.NewCommonClient(common.NewTokenCredential(c.o.ID, c.o.Key, c.o.Token), region, p).
		WithHttpTransport(c.o.Transport)
	c.clients[key] = client
	return client
}

// host says where a service is reached for a region.
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
