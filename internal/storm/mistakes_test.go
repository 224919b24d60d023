package storm

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A mistake is a product with one promise broken. Each is planted between the
// function and its client, where any of its packages might have made it.
type mistake struct {
	handler.Cloud
	only   string                                                // the job that makes it; "" for all
	world  func(*world)                                          // changes what is drawn, so that it shows soon; nil: nothing
	client func(*play, *invocation, handler.Cloud) handler.Cloud // takes the place of the client
	list   func(region string, found []cloud.Snapshot, err error) ([]cloud.Snapshot, error)
	copy   func(ctx context.Context, c handler.Cloud, r cloud.CopyRequest) ([]cloud.CopyResult, error)
	disks  func([]cloud.Disk)
	remove func(ctx context.Context, c handler.Cloud, region, id string, notAfter time.Time) error
	tag    func(ids []string) []string
	byName func(ctx context.Context, c handler.Cloud, region string, names []string) ([]cloud.Snapshot, error)
}

func (m mistake) List(ctx context.Context, region string, disks ...string) ([]cloud.Snapshot, error) {
	found, err := m.Cloud.List(ctx, region, disks...)
	if m.list == nil {
		return found, err
	}
	return m.list(region, found, err)
}

func (m mistake) ByID(ctx context.Context, region string, ids []string) ([]cloud.Snapshot, error) {
	found, err := m.Cloud.ByID(ctx, region, ids)
	if m.list == nil {
		return found, err
	}
	return m.list(region, found, err)
}

func (m mistake) ByName(ctx context.Context, region string, names []string) ([]cloud.Snapshot, error) {
	if m.byName != nil {
		return m.byName(ctx, m.Cloud, region, names)
	}
	found, err := m.Cloud.ByName(ctx, region, names)
	if m.list == nil {
		return found, err
	}
	return m.list(region, found, err)
}

func (m mistake) Disks(ctx context.Context, region string, ids []string) ([]cloud.Disk, error) {
	found, err := m.Cloud.Disks(ctx, region, ids)
	if m.disks != nil {
		m.disks(found)
	}
	return found, err
}

func (m mistake) Copy(ctx context.Context, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
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

// in puts the mistake into a world.
func (m mistake) in(w *world) Result {
	if m.world != nil {
		m.world(w)
	}
	return playWorld(w, All, func(p *play) {
		p.wrap = func(inv *invocation, c handler.Cloud) handler.Cloud {
			if m.only != "" && m.only != inv.job {
				return c
			}
			made := m
			made.Cloud = c
			if m.client != nil {
				made.Cloud = m.client(p, inv, c)
			}
			return made
		}
	})
}

// A meant is an error with another meaning than its own.
type meant struct {
	error
	meaning cloud.Meaning
}

// Meaning says what it is taken for.
func (m meant) Meaning() cloud.Meaning { return m.meaning }

// means reports whether an error has one of some meanings.
func means(err error, some ...cloud.Meaning) bool {
	var e interface{ Meaning() cloud.Meaning }
	return errors.As(err, &e) && slices.Contains(some, e.Meaning())
}

// mistaking takes refusals of copies for others.
func mistaking(becomes cloud.Meaning, was ...cloud.Meaning) func(context.Context, handler.Cloud, cloud.CopyRequest) ([]cloud.CopyResult, error) {
	return func(ctx context.Context, c handler.Cloud, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
		rows, err := c.Copy(ctx, r)
		if means(err, was...) {
			err = meant{err, becomes}
		}
		for i := range rows {
			if means(rows[i].Err, was...) {
				rows[i].Err = meant{rows[i].Err, becomes}
			}
		}
		return rows, err
	}
}

// without drops some snapshots from every list.
func without(drop func(*cloud.Snapshot) bool) func(string, []cloud.Snapshot, error) ([]cloud.Snapshot, error) {
	return func(_ string, found []cloud.Snapshot, err error) ([]cloud.Snapshot, error) {
		return slices.DeleteFunc(found, func(s cloud.Snapshot) bool { return drop(&s) }), err
	}
}

// lanemates are the complete replicas of the same disk in the same region as
// one of them, newest first, without it.
func lanemates(ctx context.Context, c handler.Cloud, region, id string) []cloud.Snapshot {
	found, _ := c.List(ctx, region)
	i := slices.IndexFunc(found, func(s cloud.Snapshot) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	own, _ := plan.Ours(&found[i])
	mates := slices.DeleteFunc(found, func(s cloud.Snapshot) bool {
		l, ours := plan.Ours(&s)
		return !ours || l.Disk != own.Disk || l.Region != own.Region || s.ID == id || s.State != cloud.Normal
	})
	slices.SortFunc(mates, func(a, b cloud.Snapshot) int { return strings.Compare(when(b.Name), when(a.Name)) })
	return mates
}

// when is the time in a replica's name.
func when(name string) string { return name[strings.LastIndexByte(name, '_')+1:] }

// each changes every snapshot that a list shows.
func each(change func(*cloud.Snapshot)) func(string, []cloud.Snapshot, error) ([]cloud.Snapshot, error) {
	return func(_ string, found []cloud.Snapshot, err error) ([]cloud.Snapshot, error) {
		for i := range found {
			change(&found[i])
		}
		return found, err
	}
}

// TestPlantedMistakesAreFound checks the checks: each mistake is found within
// a few seeds, and for what it is.
func TestPlantedMistakesAreFound(t *testing.T) {
	for _, some := range []map[string]planted{mistakes, retentionMistakes} {
		for name, m := range some {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				m.find(t)
			})
		}
	}
}

// find plays seeds until the mistake is complained of.
func (m planted) find(t *testing.T) {
	const most = 40
	if m.says == "" {
		t.Fatal("nothing is demanded of it")
	}
	for seed := range uint64(most) {
		r := m.in(newWorld(seed))
		if i := slices.IndexFunc(r.Violations, func(v string) bool { return strings.Contains(v, m.says) }); i >= 0 {
			t.Logf("seed %d: %s", seed, r.Violations[i])
			return
		}
	}
	t.Errorf("not found in %d seeds", most)
}
