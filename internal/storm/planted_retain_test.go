package storm

import (
	"context"
	"strings"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// retentionMistakes are those that delete what they should not.
var retentionMistakes = map[string]planted{
	"a deletion is requested however old the look is": {
		mistake{remove: func(ctx context.Context, c handler.Cloud, region, id string, _ time.Time) error {
			_ = rest(ctx, 6*time.Second)
			return c.Delete(ctx, region, id, time.Time{})
		}}, "on a look that is",
	},
	"a replica that is refused is said to be deleted": {
		mistake{remove: func(context.Context, handler.Cloud, string, string, time.Time) error { return nil }}, "is said to be deleted",
	},
	"the newest goes, not the oldest": {
		mistake{remove: func(ctx context.Context, c handler.Cloud, region, id string, notAfter time.Time) error {
			if mates := lanemates(ctx, c, region, id); len(mates) > 1 {
				id = mates[0].ID
			}
			return c.Delete(ctx, region, id, notAfter)
		}}, "and a keep rule keeps it",
	},
	"with one replica all of its disk go": {
		mistake{remove: func(ctx context.Context, c handler.Cloud, region, id string, notAfter time.Time) error {
			for _, s := range lanemates(ctx, c, region, id) {
				_ = c.Delete(ctx, region, s.ID, notAfter)
			}
			return c.Delete(ctx, region, id, notAfter)
		}}, "the last complete one of its disk there",
	},
	"with one replica the whole region goes": {
		mistake{remove: func(ctx context.Context, c handler.Cloud, region, _ string, notAfter time.Time) error {
			found, err := c.List(ctx, region)
			for i := range found {
				if _, ours := plan.Ours(&found[i]); ours {
					_ = c.Delete(ctx, region, found[i].ID, notAfter)
				}
			}
			return err
		}}, "more than half",
	},
	"a deletion that was carried out is not counted": {
		mistake{
			world: func(w *world) { w.env["DELETE_LIMIT"] = "2" },
			remove: func(ctx context.Context, c handler.Cloud, region, id string, notAfter time.Time) error {
				if err := c.Delete(ctx, region, id, notAfter); err != nil {
					return err
				}
				return meant{context.DeadlineExceeded, cloud.Later}
			},
		}, "DELETE_LIMIT is",
	},
	"what another deployment has selected is deleted": {
		mistake{only: "retain", world: anotherDeployment, disks: func(found []cloud.Disk) {
			for i := range found {
				found[i].Tags = map[string]string{"env": "prod"}
			}
		}}, "its source is not selected",
	},
	"replicas of another source region are deleted": {
		mistake{only: "retain", world: anotherRegion, list: func(_ string, found []cloud.Snapshot, err error) ([]cloud.Snapshot, error) {
			own := map[string]string{}
			for i := range found {
				if l, ours := plan.Ours(&found[i]); ours && l.Region != elsewhere {
					own[l.Disk] = l.Region
				}
			}
			for i := range found {
				if l, ours := plan.Ours(&found[i]); ours && own[l.Disk] != "" {
					found[i].Name = strings.Replace(found[i].Name, elsewhere, own[l.Disk], 1)
				}
			}
			return found, err
		}}, "is of no disk protected here",
	},
	"what retention deleted is copied again": {
		mistake{client: func(p *play, _ *invocation, c handler.Cloud) handler.Cloud { return fighting{c, p} }}, "after retention had deleted its replica",
	},
}

// A fighting cloud asks, with each copy, also for what retention has deleted.
type fighting struct {
	handler.Cloud
	p *play
}

func (f fighting) Copy(ctx context.Context, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
	f.p.mu.Lock()
	var again []*copied
	for at := range f.p.deletions {
		if c := f.p.replica[at]; c != nil {
			again = append(again, c)
		}
	}
	f.p.mu.Unlock()
	for _, c := range again {
		_, _ = f.Cloud.Copy(ctx, cloud.CopyRequest{Source: c.Source, From: c.From, To: []string{c.To}, Name: c.Name})
	}
	return f.Cloud.Copy(ctx, r)
}

// keepOne has but the newest replica of each disk kept.
func keepOne(w *world) {
	for _, r := range w.rules {
		delete(w.env, r.period)
	}
	w.rules, w.env["KEEP_LAST"] = []rule{{period: "KEEP_LAST", n: 1}}, "1"
}

// elsewhere is a region that no world protects.
const elsewhere = "sa-saopaulo"

// anotherRegion has replicas in the account of a disk with the same id in a
// region that others protect.
func anotherRegion(w *world) {
	keepOne(w)
	for i, d := range w.disks {
		l := label{id("snap", mix(w.seed, 13, uint64(i))), d.ID, elsewhere, time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC)}
		w.foreign = append(w.foreign, sim.Snapshot{
			Region: w.targets[0], Name: l.name(), SizeGiB: d.SizeGiB, CopyFromRemote: true, Created: time.Time{}.Add(1000 * time.Hour),
		})
	}
}

// anotherDeployment has replicas in the account that were made by other
// settings, of disks that these do not select.
func anotherDeployment(w *world) {
	keepOne(w)
	w.selected, w.env["SELECT_TAGS"] = "env=prod", "env=prod"
	w.only = nil
	delete(w.env, "SELECT_DISKS")
	for i := range w.disks {
		d := &w.disks[i]
		d.Tags = map[string]string{"env": "test"}
		for day := range 3 {
			l := label{id("snap", mix(w.seed, 13, uint64(i), uint64(day))), d.ID, d.Region, time.Date(1999, 12, 1+day, 0, 0, 0, 0, time.UTC)}
			w.foreign = append(w.foreign, sim.Snapshot{
				Region: w.targets[0], Name: l.name(), SizeGiB: d.SizeGiB, CopyFromRemote: true, Created: time.Time{}.Add(1000 * time.Hour),
			})
		}
	}
}
