package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A refusal is a service error: HTTP 200 with an Error in the envelope.
type refusal struct{ Code, Message string }

// Error implements error for the Go calls that do what an API does.
func (r *refusal) Error() string { return r.Code + ": " + r.Message }

func refuse(code, format string, args ...any) *refusal {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// A query is a request that was let in.
type query struct {
	action string
	region *region // nil where the service has none
	key    Key
	body   []byte
	now    time.Time
	fault  Fault
}

// snapshot finds a snapshot of the request's region as the API sees it.
func (q *query) snapshot(id string) (*snapshot, *refusal) {
	s, ok := q.region.find(id, q.now)
	if !ok {
		return nil, noSnapshot(id)
	}
	return s, nil
}

func noSnapshot(id string) *refusal {
	return refuse("InvalidSnapshotId.NotFound", "There is no snapshot %s.", id)
}

// An action is one API. It is run under the Cloud's lock. The reply is a struct
// with the fields of the answer, or their JSON without braces, or nil for none.
type action struct {
	service string
	run     func(*Cloud, *query) (reply any, ref *refusal)
}

// api makes an action of a function that takes the decoded parameters.
func api[P any](service string, run func(*Cloud, *query, *P) (any, *refusal)) action {
	return action{service, func(c *Cloud, q *query) (any, *refusal) {
		var p P
		if ref := read(q.body, &p); ref != nil {
			return nil, ref
		}
		return run(c, q, &p)
	}}
}

// perform checks a request, carries it out, and returns the reply's JSON.
func (c *Cloud) perform(h requestHeader, body []byte, fault Fault) []byte {
	a, ref := c.checkAction(h, body)
	now := c.time()
	if ref == nil {
		ref = c.checkCaller(h, a.service, body, now)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if ref != nil {
		return c.refusalBody(ref)
	}
	q := &query{action: h.action, key: c.keys[h.secretID], body: body, now: now, fault: fault}
	reply, ref := c.run(a, h, q)
	if ref != nil {
		reply = struct{ Error *refusal }{ref}
	}
	answer := c.envelope(reply)
	c.audit(q, a.service, answer, ref)
	return answer
}

func (c *Cloud) run(a action, h requestHeader, q *query) (any, *refusal) {
	if ref := c.enter(a, h, q); ref != nil {
		return nil, ref
	}
	if q.fault.Kind == RefuseRows && h.action != "CopySnapshotCrossRegions" {
		return nil, q.fault.refusal()
	}
	return a.run(c, q)
}

// checkAction finds the API and refuses what is no proper request for it.
func (c *Cloud) checkAction(h requestHeader, body []byte) (action, *refusal) {
	a, ok := c.actions[h.action]
	switch {
	case h.method != http.MethodPost || !strings.HasPrefix(h.mime, "application/json"):
		return a, refuse("UnsupportedProtocol", "Only POST with application/json is served here, not %s with %q.", h.method, h.mime)
	case len(body) > maxBody:
		return a, refuse("RequestSizeLimitExceeded", "The request is larger than %d bytes.", maxBody)
	case h.action == "":
		return a, refuse("MissingParameter", "The header X-TC-Action is missing.")
	case !ok:
		return a, refuse("InvalidAction", "There is no action %q.", h.action)
	case h.version == "":
		return a, refuse("MissingParameter", "The header X-TC-Version is missing.")
	case h.version != version(a.service):
		return a, refuse("NoSuchVersion", "Service %s has no version %q.", a.service, h.version)
	}
	return a, checkHost(h, a.service)
}

// checkCaller verifies who asks.
func (c *Cloud) checkCaller(h requestHeader, service string, body []byte, now time.Time) *refusal {
	if ref := checkShape(h); ref != nil {
		return ref
	}
	if ref := checkTime(h, now); ref != nil {
		return ref
	}
	if c.service(h) != service {
		return refuse("AuthFailure.SignatureFailure", "The signature is for service %q; %s belongs to %s.", h.service, h.action, service)
	}
	c.mu.Lock()
	key, known := c.keys[h.secretID]
	c.mu.Unlock()
	if ref := checkKey(h, key, known, now); ref != nil {
		return ref
	}
	return checkSignature(h, body, key.Secret)
}

// enter checks region, permission and rate of a request from a known caller.
func (c *Cloud) enter(a action, h requestHeader, q *query) *refusal {
	r, known := c.regions[h.region]
	switch {
	case h.region == "" && (a.service == "cbs" || a.service == "eb" || a.service == "scf"):
		return refuse("MissingParameter", "The header X-TC-Region is missing.")
	case h.region != "" && !known:
		return refuse("UnsupportedRegion", "There is no region %q.", h.region)
	case slices.Contains(q.key.Deny, h.action), slices.Contains(q.key.Deny, h.action+" in "+h.region):
		return refuse("UnauthorizedOperation", "You are not authorized to perform %s on resource *.", permission(a.service, h.action))
	}
	if known {
		q.region = r
		r.sweep(q.now)
	}
	if h.action == "DescribeSnapshots" {
		c.polled(q)
	}
	if !c.limits.allow(limitKey{a.service, h.action, h.region, q.key.Account}, q.now) {
		return refuse("RequestLimitExceeded", "More than %d requests a second for %s.", c.opt.Rate, h.action)
	}
	return nil
}

// permission is the name of an action in policies; those of CBS are under cvm.
func permission(service, action string) string {
	if service == "cbs" {
		service = "cvm"
	}
	return "name/" + service + ":" + action
}

// envelope puts a reply's fields into the form that every answer has.
func (c *Cloud) envelope(reply any) []byte {
	fields, raw := reply.([]byte)
	if !raw && reply != nil {
		fields = encode(reply)
		fields = fields[1 : len(fields)-1] // without its braces
	}
	out := make([]byte, 0, len(fields)+80)
	out = append(out, `{"Response":{`...)
	if len(fields) > 0 {
		out = append(append(out, fields...), ',')
	}
	out = append(append(out, `"RequestId":"`...), c.ids.request()...)
	return append(out, `"}}`...)
}

func (c *Cloud) refusalBody(ref *refusal) []byte {
	return c.envelope(struct{ Error *refusal }{ref})
}

// encode turns a value of this package's own into JSON.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sim: encode %T: %v", v, err)) // a mistake in this package, not in its input
	}
	return b
}
