package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"snapferry/internal/cloud"
)

// A RestoreOrder says what a restore is for.
type RestoreOrder struct {
	From, To string
	Disks    []string  // none: all
	At       time.Time // the newest allowed point; zero: any
	// Zone and Type are what the disks are made in and of; "" is chosen.
	Zone, Type string
	// Unproven takes a replica that is complete and not proven, of a disk that has no
	// proven one.
	Unproven bool
}

// A Restoration is the decision about one disk that a restore makes again. Its outcome
// is Planned, Exists, Manual or Failed.
type Restoration struct {
	Decision          // SizeGiB is the replica's until Place, then that of the disk to be made
	Zone, Type string // of the disk to be made, or of the one that exists
	Made       string // the disk that exists; "" if it is to be made
	// PricePerHour is as the service lists it; 0 if unknown.
	PricePerHour float64
}

// Restorations chooses a replica for each disk of an order: its newest proven one at or
// before the order's time. They are sorted by disk. warn gets what can't be told by
// disk. The rules' only source is the order's From, and their only target its To.
func Restorations(r *Rules, w *World, o *RestoreOrder, now time.Time, warn func(...string)) (all []Restoration) {
	w.takeNamedDisks()
	p := newPlanner(r, w, &Order{Targets: []string{o.To}}, now, warn)
	seen := map[string]bool{}
	nameless, example := 0, ""
	for v := range w.views() {
		built := p.build(v)
		i := slices.IndexFunc(built, func(s *series) bool { return s.to == o.To })
		if i < 0 || !slices.ContainsFunc(built[i].points, func(pt *point) bool { return len(pt.replicas) > 0 }) {
			continue
		}
		s := built[i]
		if v.disk == "" {
			if pt := s.points[0]; pt.best() != nil && len(o.Disks) == 0 {
				nameless, example = nameless+1, pt.best().replica.ID
			}
			continue
		}
		if len(o.Disks) > 0 && !slices.Contains(o.Disks, v.disk) {
			continue
		}
		seen[v.disk] = true
		all = append(all, Restoration{Decision: s.restoration(o)})
	}
	if nameless > 0 {
		warn(fmt.Sprintf("%d replicas in %s do not say of which disk they are, and are not restored: make disks of them by hand; one is %s", nameless, o.To, example))
	}
	for _, disk := range o.Disks {
		if !seen[disk] {
			seen[disk] = true
			all = append(all, Restoration{Decision: Decision{
				Kind: KindRestore, Disk: disk, From: o.From, To: o.To, Outcome: Failed,
				Reason: fmt.Sprintf("%s has no replica of this disk of %s: check the id; without --disk all disks are shown", o.To, o.From),
			}})
		}
	}
	slices.SortStableFunc(all, func(a, b Restoration) int { return strings.Compare(a.Disk, b.Disk) })
	return all
}

// restoration chooses the replica of one disk.
func (s *series) restoration(o *RestoreOrder) Decision {
	d := Decision{Kind: KindRestore, Disk: s.disk, From: s.from, To: s.to, Outcome: Failed}
	use := func(pt *point, v *verdict) {
		d.Snapshot, d.Replica, d.Point, d.SizeGiB = pt.lineage.Source, v.replica.ID, pt.lineage.Created, v.replica.SizeGiB
	}
	points := s.points
	if !o.At.IsZero() {
		points = slices.DeleteFunc(slices.Clone(points), func(pt *point) bool { return pt.lineage.Created.After(o.At) })
	}
	best := slices.IndexFunc(points, func(pt *point) bool { return pt.best() != nil })
	loosePoint, loose := newestUnproven(points)
	switch {
	case best >= 0:
		use(points[best], points[best].best())
		d.Outcome, d.Reason = Planned, "its newest proven replica"
		if !o.At.IsZero() {
			d.Reason += " at or before " + o.At.UTC().Format(time.RFC3339)
		}
		d.Reason = join(d.Reason, uncounted(points[:best]))
		if points[best].best().replica.SystemDisk {
			d.Outcome, d.Reason = Manual, bySystemDisk(&d)
		}
	case loose != nil && o.Unproven:
		use(loosePoint, loose)
		d.Outcome, d.Reason = Planned, "not proven: "+loosePoint.doubtful(loose)
		if loose.replica.SystemDisk {
			d.Outcome, d.Reason = Manual, bySystemDisk(&d)
		}
	case loose != nil:
		use(loosePoint, loose)
		d.Reason = fmt.Sprintf("it has only a replica that is not proven: %s; --unproven takes it", loosePoint.doubtful(loose))
	case len(points) < len(s.points):
		d.Reason = "it has no complete replica at or before " + o.At.UTC().Format(time.RFC3339)
		for _, pt := range slices.Backward(s.points) {
			if pt.best() != nil {
				d.Reason += ", its oldest proven one is of " + pt.lineage.Created.Format(time.RFC3339)
				break
			}
		}
	default:
		d.Reason = "it has no complete replica"
		for _, pt := range points {
			if len(pt.replicas) > 0 {
				v := &pt.replicas[len(pt.replicas)-1]
				d.Reason += fmt.Sprintf(": %s of %s is %s, %s", v.replica.ID, pt.lineage.Created.Format(time.RFC3339), v.outcome, v.reason)
				break
			}
		}
	}
	return d
}

// doubtful says why a complete replica of the point is not proven.
func (p *point) doubtful(v *verdict) string {
	if p.sourceUnseen && v.doubt == "" {
		return "it was never compared with its source, which can't be seen now"
	}
	return v.whyNotProven()
}

// bySystemDisk is the way to restore a system disk.
func bySystemDisk(d *Decision) string {
	return fmt.Sprintf("a system disk can't be made of a snapshot alone: in %s, make an image of %s (CreateImage with SnapshotIds), then a machine of the image", d.To, d.Replica)
}

// FindRestored marks the planned restorations whose replica was restored earlier: in a
// zone, or with "" in any. A disk in another zone is told, because it stays and costs
// money. restored are the disks of earlier restores.
func FindRestored(all []Restoration, zone string, restored []cloud.Disk) {
	byReplica, elsewhere := map[string][]cloud.Disk{}, map[string]string{}
	for _, d := range restored {
		if replica := RestoredFrom(&d); replica != "" && d.Exists() && (zone == "" || d.Zone == zone) {
			byReplica[replica] = append(byReplica[replica], d)
		} else if replica != "" && d.Exists() {
			elsewhere[replica] = fmt.Sprintf("it was restored in %s as %s, which stays and costs money, too: --disk names the disks for this zone", d.Zone, d.ID)
		}
	}
	for i := range all {
		// Tags are copied by people and tools: a disk that is smaller was not made of it.
		made := slices.DeleteFunc(byReplica[all[i].Replica], func(d cloud.Disk) bool { return d.SizeGiB > 0 && d.SizeGiB < all[i].SizeGiB })
		if all[i].Outcome == Planned && len(made) > 0 {
			slices.SortFunc(made, func(a, b cloud.Disk) int { return strings.Compare(a.ID, b.ID) })
			all[i].exists(made)
		} else if note := elsewhere[all[i].Replica]; all[i].Outcome == Planned && !strings.Contains(all[i].Reason, note) {
			all[i].Reason = join(all[i].Reason, note)
		}
	}
}

// Place gives every planned restoration a zone, a type and a size. offers are nil if
// they could not be read: then the order names zone and type.
func Place(all []Restoration, o *RestoreOrder, offers []cloud.Offer) {
	zone := o.Zone
	if zone == "" {
		zone = bestZone(all, o.Type, offers)
	}
	for i := range all {
		if all[i].Outcome == Planned {
			all[i].place(zone, o, offers)
		}
	}
}

func (r *Restoration) exists(made []cloud.Disk) {
	r.Outcome, r.Made, r.Zone, r.Type, r.SizeGiB = Exists, made[0].ID, made[0].Zone, made[0].Type, made[0].SizeGiB
	r.Reason = "restored earlier as " + made[0].ID
	for _, d := range made[1:] {
		r.Reason += " and " + d.ID
	}
}

// place chooses the type and size of a disk in a zone.
func (r *Restoration) place(zone string, o *RestoreOrder, offers []cloud.Offer) {
	r.Zone, r.Type = zone, o.Type
	isNamed := func(offer cloud.Offer) bool { return offer.Zone == zone && offer.Type == o.Type }
	if offers == nil || o.Zone != "" && o.Type != "" && !slices.ContainsFunc(offers, isNamed) {
		return // as it was asked for: the service decides
	}
	offer, size, ok := cheapest(offers, zone, o.Type, r.SizeGiB)
	if ok {
		r.Type, r.SizeGiB, r.PricePerHour = offer.Type, size, offer.PricePerHour
		return
	}
	kind := cmp.Or(o.Type, "type of disk")
	r.Outcome, r.Reason = Failed, fmt.Sprintf("%s has no %s for %d GiB", cmp.Or(zone, o.To), kind, r.SizeGiB)
	if others := zonesWith(offers, o.Type, r.SizeGiB); len(others) > 0 {
		r.Reason += "; these zones have: " + strings.Join(others, ", ")
	} else {
		r.Reason += ", and no other zone has one"
	}
}

// bestZone is the zone in which most disks can be had. Disks of an earlier restore
// count first: machines can only attach disks of their own zone.
func bestZone(all []Restoration, kind string, offers []cloud.Offer) string {
	fits, made := map[string]int{}, map[string]int{}
	for i := range all {
		if all[i].Outcome == Exists {
			made[all[i].Zone]++
		}
	}
	for _, zone := range zonesOf(offers) {
		for i := range all {
			if _, _, ok := cheapest(offers, zone, kind, all[i].SizeGiB); ok && all[i].Outcome == Planned {
				fits[zone]++
			}
		}
	}
	zones := slices.Sorted(maps.Keys(fits))
	if len(zones) == 0 {
		return ""
	}
	return slices.MinFunc(zones, func(a, b string) int {
		return cmp.Or(cmp.Compare(made[b], made[a]), cmp.Compare(fits[b], fits[a]), strings.Compare(a, b))
	})
}

func zonesOf(offers []cloud.Offer) []string {
	var zones []string
	for i := range offers {
		zones = append(zones, offers[i].Zone)
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// zonesWith are the zones that have a type of disk in a size.
func zonesWith(offers []cloud.Offer, kind string, size int) []string {
	return slices.DeleteFunc(zonesOf(offers), func(zone string) bool {
		_, _, ok := cheapest(offers, zone, kind, size)
		return !ok
	})
}

// typesByPrice are the types of disk that can be made alone, the cheapest first, for
// offers that show no price. CLOUD_TSSD comes only with a machine.
var typesByPrice = []string{"CLOUD_BASIC", "CLOUD_PREMIUM", "CLOUD_BSSD", "CLOUD_SSD", "CLOUD_HSSD"}

// cheapest is the cheapest offer in a zone that takes a size, and the size that it
// makes of it. kind "" is any type that can be made alone.
func cheapest(offers []cloud.Offer, zone, kind string, size int) (best cloud.Offer, gib int, ok bool) {
	for _, o := range offers {
		fitting := sizeIn(&o, size)
		if !o.Available || o.Zone != zone || fitting == 0 || kind != "" && o.Type != kind || kind == "" && !slices.Contains(typesByPrice, o.Type) {
			continue
		}
		if !ok || cmp.Or(cmp.Compare(priceOr(o.PricePerHour), priceOr(best.PricePerHour)), rank(o.Type)-rank(best.Type)) < 0 {
			best, gib, ok = o, fitting, true
		}
	}
	return best, gib, ok
}

func rank(kind string) int { return slices.Index(typesByPrice, kind) }

// priceOr sorts an unknown price last.
func priceOr(p float64) float64 {
	if p == 0 {
		return 1e9
	}
	return p
}

// sizeIn is the smallest size that an offer has for a snapshot; 0 if it has none.
func sizeIn(o *cloud.Offer, size int) int {
	step := max(1, o.StepGiB)
	size = (max(size, o.MinGiB) + step - 1) / step * step
	if o.MaxGiB > 0 && size > o.MaxGiB {
		return 0
	}
	return size
}

// maxDiskName is the longest name of a disk, in bytes (CreateDisks, API 2017-03-12).
const maxDiskName = 60

// Request is the request for the disk of a planned restoration. tags are those of the
// replica. name is the name of the disk that it comes from; "" if it is unknown. The
// token allows one disk for each replica and zone.
func (r *Restoration) Request(name string, tags map[string]string) cloud.DiskRequest {
	name = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(name, ""))
	name = cmp.Or(name, r.Disk)
	for len(name) > maxDiskName {
		name = strings.ToValidUTF8(name[:len(name)-1], "")
	}
	own := map[string]string{RestoreTag: r.Replica}
	for key, value := range tags {
		if value != "" && !slices.ContainsFunc(ReservedTags, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
			own[key] = value
		}
	}
	return cloud.DiskRequest{
		Region: r.To, Zone: r.Zone, Type: r.Type, Name: name, Snapshot: r.Replica, SizeGiB: r.SizeGiB, Tags: own,
		Token: "ferry." + strings.TrimPrefix(r.Replica, cloud.SnapshotPrefix) + "." + r.Zone,
	}
}

// MaxTagValues is how many different values a tag key holds (tag service, 2018-08-13).
const MaxTagValues = 1000

// spareTag is the key of the tag of a restored disk where RestoreTag has no room. It follows from the replica, so that every
// run knows where to look for the disk.
func spareTag(replica string) string {
	return RestoreTag + "-" + strings.ToLower(replica[len(replica)-1:])
}

// WithSpareTag is the same request with the spare key. The token stays, so that no two
// disks are made where both keys are asked for.
func WithSpareTag(d cloud.DiskRequest) cloud.DiskRequest {
	d.Tags = maps.Clone(d.Tags)
	delete(d.Tags, RestoreTag)
	d.Tags[spareTag(d.Snapshot)] = d.Snapshot
	return d
}

// RestoredFrom is the replica that a disk was restored from, as its tag says; "" if none.
func RestoredFrom(d *cloud.Disk) string {
	if replica := d.Tags[RestoreTag]; replica != "" {
		return replica
	}
	for key, replica := range d.Tags {
		if cloud.IsSnapshotID(replica) && key == spareTag(replica) {
			return replica
		}
	}
	return ""
}

// RestoreTags are the keys that disks restored from these replicas may carry.
func RestoreTags(replicas []string) []string {
	keys := []string{RestoreTag}
	for _, replica := range replicas {
		keys = append(keys, spareTag(replica))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// StillRestorable says why a replica that was chosen can't be restored any more; "" if
// it can. seen is the replica as it is now, nil if it is gone.
func StillRestorable(d *Decision, seen *cloud.Snapshot) string {
	switch {
	case seen == nil:
		return "the replica is gone: run the command again"
	case seen.Name != d.Name() || !copied(seen) || !seen.Ready():
		return fmt.Sprintf("the replica has changed (%s, %d %%): run the command again", seen.State, max(0, seen.Percent))
	}
	return ""
}
