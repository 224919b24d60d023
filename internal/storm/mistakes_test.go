package storm

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/plan"
)

// A mistake is a product with one promise broken. Each is planted between the
// function and its client, where any of its packages might have made it.
type mistake struct {
	handler.Cloud
	list   func(region string, found []plan.Snapshot, err error) ([]plan.Snapshot, error)
	copy   func(ctx context.Context, c handler.Cloud, r plan.CopyRequest) ([]plan.CopyResult, error)
	remove func(ctx context.Context, c handler.Cloud, region, id string, notAfter time.Time) error
	tag    func(ids []string) []string
	byName func(ctx context.Context, c handler.Cloud, region string, names []string) ([]plan.Snapshot, error)
}

func (m mistake) List(ctx context.Context, region string, disks ...string) ([]plan.Snapshot, error) {
	found, err := m.Cloud.List(ctx, region, disks...)
	if m.list == nil {
		return found, err
	}
	return m.list(region, found, err)
}

func (m mistake) ByID(ctx context.Context, region string, ids []string) ([]plan.Snapshot, error) {
	found, err := m.Cloud.ByID(ctx, region, ids)
	if m.list == nil {
		return found, err
	}
	return m.list(region, found, err)
}

func (m mistake) ByName(ctx context.Context, region string, names []string) ([]plan.Snapshot, error) {
	if m.byName != nil {
		return m.byName(ctx, m.Cloud, region, names)
	}
	found, err := m.Cloud.ByName(ctx, region, names)
	if m.list == nil {
		return found, err
	}
	return m.list(region, found, err)
}

func (m mistake) Copy(ctx context.Context, r plan.CopyRequest) ([]plan.CopyResult, error) {
	if m.copy == nil {
		return m.Cloud.Copy(ctx, r)
	}
	return m.copy(ctx, m.Cloud, r)
}

func (m mistake) Delete(ctx context.Context, region, id string, notAfter time.Time) error {
	if m.remove == nil {
		return m.Cloud.Delete(ctx, region, id, notAfter)
	}
	return m.remove(ctx, m.Cloud, region, id, notAfter)
}

func (m mistake) Tag(ctx context.Context, region, account string, ids []string, key, value string) (map[string]error, error) {
	if m.tag != nil {
		ids = m.tag(ids)
	}
	return m.Cloud.Tag(ctx, region, account, ids, key, value)
}

// each changes every snapshot that a list shows.
func each(change func(*plan.Snapshot)) func(string, []plan.Snapshot, error) ([]plan.Snapshot, error) {
	return func(_ string, found []plan.Snapshot, err error) ([]plan.Snapshot, error) {
		for i := range found {
			change(&found[i])
		}
		return found, err
	}
}

// mistakes are what the checks must see, each with a word of what they say.
var mistakes = map[string]struct {
	plant func() func(handler.Cloud) handler.Cloud
	says  string
}{
	"a copy without a clear answer is asked for again": {
		plant(mistake{copy: func(ctx context.Context, c handler.Cloud, r plan.CopyRequest) ([]plan.CopyResult, error) {
			rows, err := c.Copy(ctx, r)
			if err != nil && ctx.Err() == nil {
				r.NotAfter = time.Time{}
				_ = rest(ctx, 4*time.Hour)
				return c.Copy(context.WithoutCancel(ctx), r)
			}
			return rows, err
		}}), "",
	},
	"every copy is asked for twice": {
		plant(mistake{copy: func(ctx context.Context, c handler.Cloud, r plan.CopyRequest) ([]plan.CopyResult, error) {
			_, _ = c.Copy(ctx, r)
			r.Name = strings.Replace(r.Name, "ferry_", "ferry2_", 1)
			return c.Copy(ctx, r)
		}}), "is to be called",
	},
	"times are taken for UTC": {
		plant(mistake{list: each(func(s *plan.Snapshot) { s.Created = s.Created.Add(8 * time.Hour) })}), "is to be called",
	},
	"what is arriving counts as complete": {
		plant(mistake{list: each(func(s *plan.Snapshot) {
			if s.State == plan.Copying || s.State == plan.Checking {
				s.State, s.Percent = plan.Normal, 100
			}
		})}), "",
	},
	"a copy that went wrong counts as complete": {
		plant(mistake{list: each(func(s *plan.Snapshot) {
			if s.CopyFromRemote && s.State != plan.Copying && s.State != plan.Checking {
				s.State, s.Percent = plan.Normal, 100
			}
		})}), "",
	},
	"a region that can't be listed is taken to be empty": {
		plant(mistake{list: func(_ string, found []plan.Snapshot, _ error) ([]plan.Snapshot, error) { return found, nil }}), "",
	},
	"the last row of a list is lost": {
		plant(mistake{list: func(_ string, found []plan.Snapshot, err error) ([]plan.Snapshot, error) {
			return found[:max(0, len(found)-1)], err
		}}), "",
	},
	"the replica is not looked for again": {
		plant(mistake{byName: func(context.Context, handler.Cloud, string, []string) ([]plan.Snapshot, error) { return nil, nil }}), "a look at",
	},
	"a copy is requested however old the look is": {
		plant(mistake{copy: func(ctx context.Context, c handler.Cloud, r plan.CopyRequest) ([]plan.CopyResult, error) {
			r.NotAfter = time.Time{}
			_ = rest(ctx, 6*time.Second)
			return c.Copy(ctx, r)
		}}), "a look at",
	},
	"a deletion is requested however old the look is": {
		plant(mistake{remove: func(ctx context.Context, c handler.Cloud, region, id string, _ time.Time) error {
			_ = rest(ctx, 6*time.Second)
			return c.Delete(ctx, region, id, time.Time{})
		}}), "on a look that is",
	},
	"what is encrypted is not seen to be": {
		plant(mistake{list: each(func(s *plan.Snapshot) { s.Encrypted = false })}), "it belongs in",
	},
	"replicas of others are taken for ours": {
		plant(mistake{list: each(func(s *plan.Snapshot) {
			if strings.HasPrefix(s.Name, "ferry_") {
				s.CopyFromRemote = true
			}
		})}), "",
	},
	"tags of the source are not read": {
		plant(mistake{list: each(func(s *plan.Snapshot) { s.Tags = nil })}), "",
	},
	"a replica that is refused is said to be deleted": {
		plant(mistake{remove: func(context.Context, handler.Cloud, string, string, time.Time) error { return nil }}), "is said to be deleted",
	},
	"an error of a copy is swallowed": {
		plant(mistake{copy: func(ctx context.Context, c handler.Cloud, r plan.CopyRequest) ([]plan.CopyResult, error) {
			rows, err := c.Copy(ctx, r)
			if err == nil {
				return rows, nil
			}
			rows = nil
			for _, to := range r.To {
				rows = append(rows, plan.CopyResult{Region: to, Replica: "snap-00000000"})
			}
			return rows, nil
		}}), "no such copy was accepted",
	},
	"nothing is tagged": {
		plant(mistake{tag: func([]string) []string { return nil }}), "tagged as verified",
	},
	"nothing is copied": {
		plant(mistake{copy: func(context.Context, handler.Cloud, plan.CopyRequest) ([]plan.CopyResult, error) {
			return nil, errors.New("not today")
		}}), "is not in",
	},
}

func plant(m mistake) func() func(handler.Cloud) handler.Cloud {
	return func() func(handler.Cloud) handler.Cloud {
		return func(c handler.Cloud) handler.Cloud {
			m := m
			m.Cloud = c
			return m
		}
	}
}

// TestPlantedMistakesAreFound checks the checks: each mistake is found within
// a few seeds, and for what it is.
func TestPlantedMistakesAreFound(t *testing.T) {
	const most = 40
	var all sync.WaitGroup
	defer all.Wait()
	for name, m := range mistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(most) {
				r := run(newWorld(seed), All, false, m.plant())
				if slices.ContainsFunc(r.Violations, func(v string) bool { return strings.Contains(v, m.says) }) {
					t.Logf("seed %d: %s", seed, r.Violations[0])
					return
				}
			}
			t.Errorf("not found in %d seeds", most)
		})
	}
}
