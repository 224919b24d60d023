package job

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// care says for each source region how many disks are in care, and why others are
// not, and for each target region how full it is.
func (c *checking) care(ctx context.Context) {
	observer := *c.Runner
	disks := map[string][]cloud.Disk{} // of each source region, with their tags alone
	observer.eachDisk = func(page []cloud.Disk) {
		for i := range page {
			d := &page[i]
			disks[d.Region] = append(disks[d.Region], cloud.Disk{ID: d.ID, Tags: d.Tags})
		}
	}
	seen := observer.observe(ctx, plan.Order{})
	inCare := map[string]bool{}
	_, _ = plan.Verify(&c.Rules, seen.world, c.task(plan.Order{}), c.Now(), func(d plan.Decision) {
		if d.Kind == plan.KindProtect {
			inCare[d.Disk] = true
		}
	}, func(...string) {})
	for _, region := range c.Rules.Sources {
		if err := seen.failed[region]; err != nil {
			c.unlisted(region, err)
			continue
		}
		c.selection(region, disks[region], inCare)
	}
	quotas, nearlyFull := c.quotas(ctx, seen.world, c.Rules.Targets, false)
	for i := range nearlyFull {
		delete(quotas, nearlyFull[i].To)
		c.note(nearlyFull[i].To, plan.Warning, "quota: "+nearlyFull[i].Reason)
	}
	for _, region := range sortedKeys(quotas) {
		q := quotas[region]
		c.note(region, plan.Fine, "quota: it holds "+q.String())
	}
}

// unlisted notes a region whose lists could not be read in whole, unless that is said
// already.
func (c *checking) unlisted(region string, err error) {
	if !slices.ContainsFunc(c.actions, func(a Action) bool { return a.From == region && a.Outcome == plan.Failed }) {
		c.note(region, plan.Failed, "selection: it can't be told which disks are in care: "+sentence(err))
	}
}

// selection says how many disks of a source region are in care, and why the others
// are not.
func (c *checking) selection(region string, disks []cloud.Disk, inCare map[string]bool) {
	n, left := 0, map[string][]string{}
	for i := range disks {
		d := &disks[i]
		_, skipped := d.Tags[plan.SkipTag]
		switch {
		case inCare[d.ID]:
			n++
		case skipped:
			left["tagged "+plan.SkipTag] = append(left["tagged "+plan.SkipTag], d.ID)
		case len(c.Rules.SelectTags)+len(c.Rules.SelectDisks) > 0:
			const why = "not selected by SELECT_TAGS and SELECT_DISKS"
			left[why] = append(left[why], d.ID)
		default:
			const why = "without a snapshot: let a snapshot policy make some"
			left[why] = append(left[why], d.ID)
		}
	}
	outcome := plan.Fine
	text := fmt.Sprintf("selection: %d of %d disks are in care", n, len(disks))
	var reasons []string
	for _, why := range sortedKeys(left) {
		ids := left[why]
		reasons = append(reasons, fmt.Sprintf("%d %s (%s)", len(ids), why, firstOf(ids)))
		if strings.HasPrefix(why, "without") {
			outcome = plan.Warning
		}
	}
	if len(reasons) > 0 {
		text += "; not in care: " + strings.Join(reasons, ", ")
	}
	if n == 0 {
		outcome = plan.Warning
		text += ". Nothing of this region is protected"
	}
	c.note(region, outcome, text)
}

// firstOf names at most three ids.
func firstOf(ids []string) string {
	slices.Sort(ids)
	const most = 3
	if len(ids) <= most {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s, … %d more", strings.Join(ids[:most], ", "), len(ids)-most)
}
