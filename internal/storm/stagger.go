package storm

import (
	"context"
	"strings"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
)

// A staggered cloud begins each question a moment later, each its own, so that
// workers that would ask at the same instant ask in an order that the seed
// decides and not the scheduler.
type staggered struct {
	handler.Cloud
	seed uint64
}

func (s staggered) wait(ctx context.Context, what ...string) {
	d := time.Duration(mix(s.seed, hash(strings.Join(what, " "))) % uint64(time.Millisecond))
	_ = rest(ctx, d) // whatever ends it, the question itself finds out
}

func (s staggered) List(ctx context.Context, region string, disks ...string) ([]cloud.Snapshot, error) {
	s.wait(ctx, append(disks, "list", region)...)
	return s.Cloud.List(ctx, region, disks...)
}

func (s staggered) ByID(ctx context.Context, region string, ids []string) ([]cloud.Snapshot, error) {
	s.wait(ctx, "ids", region, strings.Join(ids, " "))
	return s.Cloud.ByID(ctx, region, ids)
}

func (s staggered) ByName(ctx context.Context, region string, names []string) ([]cloud.Snapshot, error) {
	s.wait(ctx, "names", region, strings.Join(names, " "))
	return s.Cloud.ByName(ctx, region, names)
}

func (s staggered) Disks(ctx context.Context, region string, ids []string) ([]cloud.Disk, error) {
	s.wait(ctx, "disks", region, strings.Join(ids, " "))
	return s.Cloud.Disks(ctx, region, ids)
}

func (s staggered) Copy(ctx context.Context, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
	s.wait(ctx, "copy", r.Source, strings.Join(r.To, " "))
	return s.Cloud.Copy(ctx, r)
}

func (s staggered) Tag(ctx context.Context, region, account string, ids []string, key, value string) (map[string]error, error) {
	s.wait(ctx, "tag", region, strings.Join(ids, " "))
	return s.Cloud.Tag(ctx, region, account, ids, key, value)
}

func (s staggered) CountDisks(ctx context.Context, region string) (int, error) {
	s.wait(ctx, "count disks", region)
	return s.Cloud.CountDisks(ctx, region)
}

func (s staggered) CountSnapshots(ctx context.Context, region string) (int, error) {
	s.wait(ctx, "count snapshots", region)
	return s.Cloud.CountSnapshots(ctx, region)
}

func (s staggered) Delete(ctx context.Context, region, id string, notAfter time.Time) error {
	s.wait(ctx, "delete", region, id)
	return s.Cloud.Delete(ctx, region, id, notAfter)
}
