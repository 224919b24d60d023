package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"snapferry/internal/plan"
)

// dumb is a second reading of the keep rules, as slow and plain as can be: it
// looks for each rule and each of its periods at all points again.
func dumb(k plan.Keep, times []time.Time, zone *time.Location, now time.Time) []bool {
	kept := make([]bool, len(times))
	if k == (plan.Keep{}) {
		for i := range kept {
			kept[i] = true
		}
		return kept
	}
	label := map[string]func(int, time.Time) string{
		"last":    func(i int, _ time.Time) string { return fmt.Sprint(i) },
		"hourly":  func(_ int, t time.Time) string { return t.Format("2006-01-02 15") },
		"daily":   func(_ int, t time.Time) string { return t.Format("2006-01-02") },
		"weekly":  func(_ int, t time.Time) string { y, w := t.ISOWeek(); return fmt.Sprint(y, w) },
		"monthly": func(_ int, t time.Time) string { return t.Format("2006-01") },
		"yearly":  func(_ int, t time.Time) string { return t.Format("2006") },
	}
	counts := map[string]int{"last": k.Last, "hourly": k.Hourly, "daily": k.Daily, "weekly": k.Weekly, "monthly": k.Monthly, "yearly": k.Yearly}
	for rule, count := range counts {
		var periods []string // the non-empty ones, newest first
		for i, t := range times {
			if p := label[rule](i, t.In(zone)); !slices.Contains(periods, p) {
				periods = append(periods, p)
			}
		}
		for n, p := range periods {
			if n >= count {
				break
			}
			for i, t := range times {
				if label[rule](i, t.In(zone)) == p {
					kept[i] = true // the newest of the period comes first
					break
				}
			}
		}
		if count > len(periods) && len(times) > 0 {
			kept[len(times)-1] = true
		}
	}
	var newest time.Time // that is not in the future
	for _, t := range times {
		if !t.After(now) && t.After(newest) {
			newest = t
		}
	}
	for i, t := range times {
		if k.Within > 0 && t.Sub(newest) > -k.Within {
			kept[i] = true
		}
	}
	return kept
}

func TestTheKeepRulesAgreeWithADumbSecondImplementation(t *testing.T) {
	zones := []*time.Location{time.UTC}
	for _, name := range []string{"Asia/Shanghai", "America/Sao_Paulo", "Pacific/Chatham"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	cases := 100_000
	if testing.Short() {
		cases = 10_000
	}
	for seed := range uint64(cases) {
		rng := rand.New(rand.NewPCG(seed, 1))
		k, times := randomKeep(rng), randomTimes(rng)
		zone := zones[rng.IntN(len(zones))]
		now := t0.Add(-time.Duration(rng.IntN(48)) * time.Hour) // some points may be in the future
		got, want := k.Apply(times, zone, now), dumb(k, times, zone, now)
		for i := range times {
			if (got[i] != "") != want[i] {
				t.Fatalf("seed %d: %+v in %s: point %d of %v: got %q, want kept: %v", seed, k, zone, i, times, got[i], want[i])
			}
		}
	}
}

func randomKeep(rng *rand.Rand) plan.Keep {
	n := func() int {
		if rng.IntN(3) > 0 {
			return 0
		}
		return 1 + rng.IntN(5)
	}
	k := plan.Keep{Last: n(), Hourly: n(), Daily: n(), Weekly: n(), Monthly: n(), Yearly: n()}
	if rng.IntN(4) == 0 {
		k.Within = time.Duration(rng.IntN(24*40)) * time.Hour
	}
	return k
}

func randomTimes(rng *rand.Rand) []time.Time {
	span := []int{60, 3600, 86400, 30 * 86400, 800 * 86400}[rng.IntN(5)]
	times := make([]time.Time, rng.IntN(12))
	for i := range times {
		times[i] = t0.Add(-time.Duration(rng.IntN(span)) * time.Second)
	}
	slices.SortFunc(times, func(a, b time.Time) int { return b.Compare(a) })
	return times
}

// The examples of restic's documentation of forget: a snapshot each day or
// each Sunday, and what is left of them.
func TestTheKeepRulesAgreeWithResticsDocumentedExamples(t *testing.T) {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 11, 0, 0, 0, time.UTC) }
	every := func(from time.Time, step, n int) (out []time.Time) {
		for i := range n {
			out = append(out, from.AddDate(0, 0, -step*i))
		}
		return out
	}
	for what, c := range map[string]struct {
		keep  plan.Keep
		times []time.Time
		want  int
		last  time.Time
	}{
		"a snapshot every Sunday, --keep-daily 4: the last four Sundays":    {plan.Keep{Daily: 4}, every(day(2014, 11, 23), 7, 12), 4, day(2014, 11, 2)},
		"the same, --keep-daily 4 --keep-weekly 4: the same four":           {plan.Keep{Daily: 4, Weekly: 4}, every(day(2014, 11, 23), 7, 12), 4, day(2014, 11, 2)},
		"a snapshot each day, --keep-daily 7":                               {plan.Keep{Daily: 7}, every(day(2014, 11, 23), 1, 100), 7, day(2014, 11, 17)},
		"fewer than asked for: all, the oldest among them":                  {plan.Keep{Weekly: 10}, every(day(2014, 11, 23), 1, 20), 4, day(2014, 11, 4)},
		"two years of days, yearly 5: two ends of years and the very first": {plan.Keep{Yearly: 5}, every(day(2015, 6, 30), 1, 500), 3, day(2015, 6, 30).AddDate(0, 0, -499)},
		"within two days of the newest":                                     {plan.Keep{Within: 48 * time.Hour}, every(day(2014, 11, 23), 1, 10), 2, day(2014, 11, 22)},
	} {
		kept, last := 0, time.Time{}
		for i, rule := range c.keep.Apply(c.times, time.UTC, day(2015, 7, 1)) {
			if rule != "" {
				kept++
				last = c.times[i]
			}
		}
		if kept != c.want || !last.Equal(c.last) {
			t.Errorf("%s: %d are kept, the oldest of %s; want %d, %s", what, kept, last, c.want, c.last)
		}
	}
}

func TestWhatIsKeptAmongManyIsKeptAmongFewer(t *testing.T) {
	for seed := range uint64(20_000) {
		rng := rand.New(rand.NewPCG(seed, 2))
		k, times := randomKeep(rng), randomTimes(rng)
		all := k.Apply(times, time.UTC, t0)
		var fewer []time.Time
		var was []string
		for i, at := range times {
			if rng.IntN(2) == 0 {
				fewer, was = append(fewer, at), append(was, all[i])
			}
		}
		for i, now := range k.Apply(fewer, time.UTC, t0) {
			if was[i] != "" && now == "" {
				t.Fatalf("seed %d: %+v keeps %s among %v, and not among %v", seed, k, fewer[i], times, fewer)
			}
		}
	}
}
