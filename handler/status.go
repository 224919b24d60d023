package handler

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/semaphore"

	"snapferry/internal/cloud"
	"snapferry/internal/settings"
	"snapferry/internal/status"
)

// recentFor is how long a status is shown again before the cloud is looked at anew
// (the documented contract).
const recentFor = time.Minute

// A Recent is the last status of an instance. It is shown to all visitors for a
// minute, and while one visitor looks the others wait for the same look. It is only a
// saving: nothing is decided by it. It is safe for concurrent use.
type Recent struct {
	looking *semaphore.Weighted
	key     string // the settings of the look
	at      time.Time
	model   *status.Model
}

// NewRecent returns a Recent that has nothing yet.
func NewRecent() *Recent { return &Recent{looking: semaphore.NewWeighted(1)} }

// Status looks at the cloud and returns how far each disk is protected. It fails if
// nothing could be seen.
func (h *Handler) Status(ctx context.Context) (*status.Model, error) {
	inv := h.invocation(ctx)
	set, err := settings.Read(inv.getenv, inv.region, inv.names...)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return h.status(ctx, inv, set, inv.label(h.Log(set.LogLevel)))
}

func (h *Handler) status(ctx context.Context, inv invocation, set settings.Settings, log *slog.Logger) (*status.Model, error) {
	if h.Recent == nil {
		return h.look(ctx, inv, set, log)
	}
	if err := h.Recent.looking.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("wait for another visitor's look: %w", err)
	}
	defer h.Recent.looking.Release(1)
	key := fmt.Sprintf("%+v", set)
	if r := h.Recent; r.model != nil && r.key == key && h.Now().Sub(r.at) < recentFor {
		return r.model, nil
	}
	m, err := h.look(ctx, inv, set, log)
	if err != nil {
		return nil, err
	}
	h.Recent.key, h.Recent.at, h.Recent.model = key, m.At, m
	return m, nil
}

// look makes the model of one observation.
func (h *Handler) look(ctx context.Context, inv invocation, set settings.Settings, log *slog.Logger) (*status.Model, error) {
	began := h.Now()
	ctx, r, cancel, err := h.runner(ctx, inv, set, assignment{job: cloud.Status}, log)
	if err != nil {
		return nil, err
	}
	defer cancel()
	in := status.Input{
		Version: Version, Commit: Commit, Contract: Contract,
		RPO: set.RPO, Keep: set.Keep, Zone: set.Zone, Sources: set.Sources, Targets: set.Targets, Disks: map[string]status.Detail{},
	}
	look, err := r.Look(ctx, assignment{}.order, func(disks []cloud.Disk) {
		for i := range disks {
			d := &disks[i]
			in.Disks[d.ID] = status.Detail{Name: d.Name, Instance: d.Instance, SizeGiB: d.SizeGiB}
		}
	}, in.Note)
	if err != nil {
		return nil, err
	}
	in.At, in.Took, in.APICalls, in.Warnings = look.At, h.Now().Sub(began), r.Cloud.Calls(), look.Warnings
	for _, region := range slices.Sorted(maps.Keys(look.Unseen)) {
		in.Unseen = append(in.Unseen, status.Unseen{Region: region, Reason: look.Unseen[region]})
	}
	in.Copies = nil
	for _, c := range look.Copies {
		shown := status.Copy{Snapshot: c.Snapshot, Disk: c.Disk, To: c.To, Replica: c.Replica, Since: c.Since}
		if c.Percent >= 0 {
			shown.Percent = &c.Percent
		}
		in.Copies = append(in.Copies, shown)
	}
	for _, q := range look.Quotas {
		in.Quota = append(in.Quota, status.Usage(q))
	}
	for _, d := range look.Drills {
		in.Drills = append(in.Drills, status.Drill(d))
	}
	m := status.Build(in)
	return &m, nil
}
