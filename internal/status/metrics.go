package status

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"snapferry/internal/plan"
)

// MetricsType is the content type of the metrics.
const MetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

// maxSeries bounds the series of disks.
const maxSeries = 10_000

// Metrics writes OpenMetrics text. It is written by hand, because the usual library
// would make the function four megabytes larger: its encoder takes protobuf
// messages.
func (m *Model) Metrics(w io.Writer) error {
	o := &openMetrics{w: w}
	o.gauge("build_info", "The version of snapferry.").add(1, "version", m.in.Version)
	o.gauge("report_timestamp_seconds", "When the cloud was observed.").at(m.At)
	o.gauge("region_visible", "1, or 0 where the region could not be read.")
	for _, region := range m.regions() {
		o.add(oneIf(!m.isUnseen(region)), "region", region)
	}
	o.gauge("rpo_seconds", "How old the newest proven point of a disk may be. Absent if RPO is 0.")
	if m.in.RPO > 0 {
		o.add(m.in.RPO.Seconds())
	}
	m.diskMetrics(o)
	o.gauge("instance_common_point_timestamp_seconds", "The newest moment of which every disk of a machine has a proven point.")
	for _, i := range m.Instances {
		o.at(i.CommonPoint, "instance", i.Instance, "to", i.To)
	}
	m.regionMetrics(o)
	o.gauge("api_calls", "The requests that this observation cost.").add(float64(m.in.APICalls))
	o.write("# EOF\n")
	return o.err
}

func (m *Model) diskMetrics(o *openMetrics) {
	type state struct {
		Pair
		plan.Outcome
	}
	count, ages := map[state]int{}, map[Pair][]int64{}
	pairs := map[Pair]bool{}
	for _, from := range m.in.Sources {
		for _, to := range m.in.Targets {
			if from != to && !m.isUnseen(to) {
				pairs[Pair{from, to}] = true
			}
		}
	}
	for i := range m.Disks {
		for _, r := range m.Disks[i].Regions {
			p := Pair{m.Disks[i].From, r.To}
			pairs[p] = true
			count[state{p, r.State}]++
		}
	}
	o.gauge("disks", "Disks in care, by their state in a target region. The label to is empty if a disk has no usable target.")
	for _, p := range sorted(pairs) {
		for _, s := range worstFirst {
			o.add(float64(count[state{p, s}]), "from", p.From, "to", p.To, "state", string(s))
		}
	}
	series, omitted := []func(){}, 0
	eachSeries(m.Disks, func(d *Disk, r *Region) {
		if r.AgeSeconds == nil {
			return
		}
		p := Pair{d.From, r.To}
		ages[p] = append(ages[p], *r.AgeSeconds)
		if len(series) == maxSeries {
			omitted++
			return
		}
		series = append(series, func() { o.at(r.Point, "disk", d.Disk, "from", d.From, "to", r.To) })
	})
	o.gauge("recovery_point_age_seconds", "Ages of the newest proven points of the disks that exist.")
	for _, p := range sorted(ages) {
		slices.Sort(ages[p])
		for _, q := range []float64{0.5, 0.99, 1} {
			o.add(float64(ages[p][quantile(q, len(ages[p]))]), "from", p.From, "to", p.To, "quantile", strconv.FormatFloat(q, 'g', -1, 64))
		}
	}
	o.gauge("disk_recovery_point_timestamp_seconds", "The newest proven point of a disk that exists, the worst disks first.")
	for _, write := range series {
		write()
	}
	o.gauge("series_omitted", "Series of disks that are left out, because there are too many.").add(float64(omitted))
}

// quantile is the place of a quantile in a sorted list of n. Between two places it
// is the later one: the older of two points.
func quantile(q float64, n int) int { return min(int(q*float64(n)), n-1) }

func (m *Model) regionMetrics(o *openMetrics) {
	o.gauge("replicas", "Replicas in a region, by their state.")
	for _, to := range m.targets() {
		for _, state := range replicaStates {
			o.add(float64(m.in.Replicas[Replicas{to, state}]), "to", to, "state", state)
		}
	}
	pending := maps.Clone(m.in.Pending)
	for _, from := range m.in.Sources {
		for _, to := range m.targets() {
			if from != to && pending[Pair{from, to}].Count == 0 && !m.isUnseen(from) {
				put(&pending, Pair{from, to}, Pending{})
			}
		}
	}
	o.gauge("copies_pending", "Points that are wanted in a region and not proven there yet.")
	for _, p := range sorted(pending) {
		o.add(float64(pending[p].Count), "from", p.From, "to", p.To)
	}
	o.gauge("oldest_pending_timestamp_seconds", "The oldest of these points.")
	for _, p := range sorted(pending) {
		o.at(pending[p].Oldest, "from", p.From, "to", p.To)
	}
	o.gauge("region_snapshots_used", "Snapshots in a region, whoever made them.")
	for _, q := range m.Quota {
		o.add(float64(q.Used), "region", q.Region)
	}
	o.gauge("region_snapshots_limit", "The snapshot quota of a region.")
	for _, q := range m.Quota {
		o.add(float64(q.Limit), "region", q.Region)
	}
	o.gauge("region_full_timestamp_seconds", "When the quota is used up, at the rate of the last seven days.")
	for _, q := range m.Quota {
		o.at(q.FullAt, "region", q.Region)
	}
	o.gauge("drill_last_success_timestamp_seconds", "The Monday of the newest week in which a replica was restored for a test.")
	for _, d := range m.Drills {
		o.at(plan.Monday(d.Week), "to", d.To)
	}
}

// isUnseen reports whether a region could not be read.
func (m *Model) isUnseen(region string) bool {
	return slices.ContainsFunc(m.Unseen, func(u Unseen) bool { return u.Region == region })
}

// targets are the target regions that could be read, sorted, and those that a tag
// names. regions are all that were looked at.
func (m *Model) targets() []string {
	all := slices.DeleteFunc(slices.Clone(m.in.Targets), m.isUnseen)
	for r := range m.in.Replicas {
		all = append(all, r.To)
	}
	return distinct(append(all, m.columns()...))
}

// columns are the regions in which a disk has a state, sorted.
func (m *Model) columns() []string {
	seen := map[string]bool{}
	for i := range m.Disks {
		for _, r := range m.Disks[i].Regions {
			if r.To != "" {
				seen[r.To] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func (m *Model) regions() []string {
	all := slices.Concat(m.in.Sources, m.in.Targets, m.targets())
	for _, u := range m.Unseen {
		all = append(all, u.Region)
	}
	return distinct(all)
}

func distinct(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

func sorted[V any](byPair map[Pair]V) []Pair {
	return slices.SortedFunc(maps.Keys(byPair), func(a, b Pair) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// openMetrics writes families of gauges. A family's samples follow its gauge call.
type openMetrics struct {
	w    io.Writer
	name string
	seen map[string]bool // the family's series
	err  error
}

func (o *openMetrics) write(s string) {
	if o.err == nil {
		_, o.err = io.WriteString(o.w, s)
	}
}

func (o *openMetrics) gauge(name, help string) *openMetrics {
	o.name, o.seen = "snapferry_"+name, map[string]bool{}
	o.write("# TYPE " + o.name + " gauge\n# HELP " + o.name + " " + help + "\n")
	return o
}

// at adds a point in time; a zero one is unknown and left out.
func (o *openMetrics) at(t time.Time, labels ...string) {
	if !t.IsZero() {
		o.add(float64(t.Unix()), labels...)
	}
}

var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// add adds a sample, unless the family has one with the same labels.
func (o *openMetrics) add(value float64, labels ...string) {
	pairs := make([]string, 0, 3)
	for i := 0; i < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+`="`+escaped.Replace(clean(labels[i+1]))+`"`)
	}
	series := o.name
	if len(pairs) > 0 {
		series += "{" + strings.Join(pairs, ",") + "}"
	}
	if !o.seen[series] {
		o.seen[series] = true
		o.write(series + " " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
	}
}
