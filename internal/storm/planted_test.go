package storm

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/tencent"
)

// A planted mistake is one that the checks must see, with words of what they
// say then.
type planted struct {
	mistake
	says string
}

// mistakes are those of all jobs but retention.
var mistakes = map[string]planted{
	"a copy without a clear answer is asked for again": {
		mistake{copy: func(ctx context.Context, c handler.Cloud, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
			rows, err := c.Copy(ctx, r)
			if means(err, cloud.MayHaveHappened) {
				return c.Copy(ctx, r)
			}
			return rows, err
		}}, "after an answer that was not clear",
	},
	"every copy is asked for twice, when the first is over": {
		mistake{
			world: func(w *world) { w.cloud.CopyTime, w.cloud.CheckTime = time.Minute, 10*time.Second },
			copy: func(ctx context.Context, c handler.Cloud, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
				_, _ = c.Copy(ctx, r)
				r.NotAfter = time.Time{}
				_ = rest(ctx, 2*time.Minute)
				return c.Copy(ctx, r)
			},
		}, "after the copy",
	},
	"replicas that have arrived are not seen": {
		mistake{list: without(func(s *cloud.Snapshot) bool { return s.CopyFromRemote })}, "after the copy",
	},
	"replicas are called something else": {
		mistake{copy: func(ctx context.Context, c handler.Cloud, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
			r.Name = strings.Replace(r.Name, "ferry_", "ferry2_", 1)
			return c.Copy(ctx, r)
		}}, "is to be called",
	},
	"times are taken for UTC": {
		mistake{list: each(func(s *cloud.Snapshot) { s.Created = s.Created.Add(8 * time.Hour) })}, "is to be called",
	},
	"what is arriving counts as complete": {
		mistake{list: each(func(s *cloud.Snapshot) {
			if s.State == cloud.Copying || s.State == cloud.Checking {
				s.State, s.Percent = cloud.Normal, 100
			}
		})}, "is tagged, and is not complete",
	},
	"a copy that went wrong counts as complete": {
		mistake{list: each(func(s *cloud.Snapshot) {
			if s.CopyFromRemote && s.State != cloud.Copying && s.State != cloud.Checking {
				s.State, s.Percent = cloud.Normal, 100
			}
		})}, "is said to be exists",
	},
	"a copy that went wrong is given up at once": {
		mistake{list: each(func(s *cloud.Snapshot) {
			if s.CopyFromRemote && s.State != cloud.Normal {
				s.Created = s.Created.Add(-24 * time.Hour)
			}
		})}, "after the spoilt",
	},
	"only the newest replica of a source is seen": {
		mistake{world: spoilAll, list: func(_ string, found []cloud.Snapshot, err error) ([]cloud.Snapshot, error) {
			newest := map[string]time.Time{}
			for i := range found {
				if s := &found[i]; newest[s.Name].Before(s.Created) {
					newest[s.Name] = s.Created
				}
			}
			return slices.DeleteFunc(found, func(s cloud.Snapshot) bool { return s.CopyFromRemote && s.Created.Before(newest[s.Name]) }), err
		}}, "a fourth replica",
	},
	"a region that can't be listed is taken to be empty": {
		mistake{list: func(_ string, found []cloud.Snapshot, _ error) ([]cloud.Snapshot, error) { return found, nil }}, "says that all is settled",
	},
	"the last row of a list is lost": {
		mistake{list: func(_ string, found []cloud.Snapshot, err error) ([]cloud.Snapshot, error) {
			return found[:max(0, len(found)-1)], err
		}}, "is a complete copy of it",
	},
	"the replica is not looked for again": {
		mistake{byName: func(context.Context, handler.Cloud, string, []string) ([]cloud.Snapshot, error) { return nil, nil }}, "a look at",
	},
	"a copy is requested however old the look is": {
		mistake{copy: func(ctx context.Context, c handler.Cloud, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
			r.NotAfter = time.Time{}
			_ = rest(ctx, 6*time.Second)
			return c.Copy(ctx, r)
		}}, "a look at",
	},
	"what is encrypted is not seen to be": {
		mistake{list: each(func(s *cloud.Snapshot) { s.Encrypted = false })}, "it belongs in",
	},
	"replicas of others are taken for ours": {
		mistake{list: each(func(s *cloud.Snapshot) {
			if strings.HasPrefix(s.Name, "ferry_") {
				s.CopyFromRemote = true
			}
		})}, "is said to be verified",
	},
	"tags of the source are not read": {
		mistake{list: each(func(s *cloud.Snapshot) { s.Tags = nil })}, "it belongs in",
	},
	"an error of a copy is swallowed": {
		mistake{copy: func(ctx context.Context, c handler.Cloud, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
			rows, err := c.Copy(ctx, r)
			if err == nil {
				return rows, nil
			}
			rows = nil
			for _, to := range r.To {
				rows = append(rows, cloud.CopyResult{Region: to, Replica: "snap-00000000"})
			}
			return rows, nil
		}}, "no such copy was accepted",
	},
	"any refusal is taken for one for good": {
		mistake{world: foul, copy: mistaking(cloud.NeverThis, cloud.Later, cloud.StopRun, cloud.RegionFull, cloud.WrongRequest)}, "says that all is settled",
	},
	"a full region is taken for a busy one": {
		mistake{copy: mistaking(cloud.Later, cloud.RegionFull)}, "which answered with its quota",
	},
	"nothing is tagged": {
		mistake{tag: func([]string) []string { return nil }}, "tagged as verified",
	},
	"nothing is copied": {
		mistake{copy: func(context.Context, handler.Cloud, cloud.CopyRequest) ([]cloud.CopyResult, error) {
			return nil, errors.New("not today")
		}}, "is not in",
	},
	"what hangs is always young": {
		mistake{only: "verify", world: spoilAll, list: each(func(s *cloud.Snapshot) {
			if s.CopyFromRemote || s.State == cloud.Copying {
				s.Created = time.Now()
			}
		})}, "does not report that",
	},
	"each invocation keeps its own pace": {
		mistake{client: func(p *play, inv *invocation, _ handler.Cloud) handler.Cloud {
			return tencent.New(tencent.Options{
				ID: inv.key, Key: secret(inv.key), Token: token(inv.key), Transport: wire{p, inv}, Pacer: tencent.NewPacer(p.w.rate),
				Jitter: func() float64 { return 0.5 }, Cutoff: inv.deadline.Add(-10 * time.Second).Add(inv.f.skew),
				Now: func() time.Time { return time.Now().Add(inv.f.skew) },
			})
		}}, "requests in a second",
	},
	"a copy is waited for": {
		mistake{copy: func(ctx context.Context, c handler.Cloud, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
			rows, err := c.Copy(ctx, r)
			_ = rest(context.WithoutCancel(ctx), time.Hour)
			return rows, err
		}}, "after its deadline",
	},
}

// foul has many requests break from the first change of the faults on.
func foul(w *world) { setRate(w, faults, 0.05) }

// spoilAll has every copy go wrong from the first change of fates on.
func spoilAll(w *world) { setRate(w, fates, 1) }

func setRate(w *world, what kind, rate float64) {
	for i := range w.steps {
		if w.steps[i].kind == what {
			w.steps[i].rate = rate
		}
	}
}
