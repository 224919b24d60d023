package handler_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tencentyun/scf-go-lib/functioncontext"

	"snapferry/internal/sim"
)

// A role is what one invocation brings, named as in secrets.
type role struct{ id, key, token string }

func (r role) brought() map[string]string {
	return map[string]string{
		"TENCENTCLOUD_SECRETID": secrets[r.id], "TENCENTCLOUD_SECRETKEY": secrets[r.key], "TENCENTCLOUD_SESSIONTOKEN": secrets[r.token],
	}
}

func (r role) simulated(expires time.Time) sim.Key {
	return sim.Key{ID: secrets[r.id], Secret: secrets[r.key], Token: secrets[r.token], Expires: expires}
}

// takeAtOnce runs an event in one instance for several roles at once, and keeps
// everything that comes out.
func (b *bench) takeAtOnce(l *leak, event string, roles ...role) {
	b.t.Helper()
	said := make([]string, len(roles))
	var runs sync.WaitGroup
	for i, r := range roles {
		runs.Go(func() {
			ctx, cancel := context.WithTimeout(b.t.Context(), b.timeout)
			defer cancel()
			ctx = functioncontext.NewContext(ctx, &functioncontext.FunctionContext{Environment: r.brought(), RequestID: fmt.Sprint("req-", i)})
			out, err := b.h.Invoke(ctx, []byte(event))
			said[i] = fmt.Sprintf("%s %v %#v", out, err, err)
		})
	}
	runs.Wait()
	l.add(strings.Join(said, "\n"), b.logs.String())
	b.logs.Reset()
}

// One instance serves several invocations, each with credentials of its own;
// those of one expire while it works.
func TestNoSecretComesOutOfInvocationsAtOnce(t *testing.T) {
	var l leak
	one, other := role{"secret id", "secret key", "session token"}, role{"wrong id", "wrong key", "expired token"}
	ones, others := allFaults(one.id, one.key, one.token), allFaults(other.id, other.key, other.token)
	for i := range ones {
		for every := 1; every <= 3; every++ {
			story(t, sim.Options{}, func(b *bench) {
				own := secretive(b)
				b.timeout = time.Minute
				b.cloud.AddKey(one.simulated(time.Time{}))
				disk, s := b.disk(days(3)...)
				b.cloud.SetInject(func(c sim.Call) sim.Fault {
					switch {
					case c.N%every != every-1:
						return sim.Fault{Kind: sim.Slow, Delay: 200 * time.Millisecond}
					case c.SecretID == secrets[other.id]:
						return others[i]
					}
					return ones[i]
				})
				for _, event := range jobs(disk, s[0]) {
					b.cloud.AddKey(other.simulated(time.Now().Add(500 * time.Millisecond)))
					b.takeAtOnce(own, event, one, other, one)
				}
				if i == 0 && every == 3 && !strings.Contains(own.out.String(), "AuthFailure") {
					t.Error("no credentials expired: the test shows nothing")
				}
				l.add(own.out.String())
			})
		}
	}
	l.want(t)
}
