package tencent_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"snapferry/internal/cloud"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// A listing is a service that lists n snapshots or disks, and makes mistakes.
type listing struct {
	n       int
	ties    int // so many neighbours have the same creation time
	shuffle func(q *query) uint64
	total   func(q *query) int
	empty   func(q *query) bool
	odd     func(i int) bool // rows whose id can't be read
	gone    func(i, number int) bool
	mu      sync.Mutex
	asked   int
}

// A query is one request for a page.
type query struct {
	Offset, Limit int
	Order         string
	number        int // of the request
}

// byPage orders ties differently on each page, but the same page always shows the
// same rows. byRequest orders them differently in each answer.
func byPage(q *query) uint64    { return uint64(q.Offset)<<1 | uint64(len(q.Order)&1) }
func byRequest(q *query) uint64 { return uint64(q.number) }

func (l *listing) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	q := &query{number: l.asked}
	if err := json.NewDecoder(r.Body).Decode(q); err != nil {
		return nil, err
	}
	set, field, prefix := "SnapshotSet", "SnapshotId", "snap"
	if r.Header.Get("X-TC-Action") == "DescribeDisks" {
		set, field, prefix = "DiskSet", "DiskId", "disk"
	}
	var rows []string
	order := l.order(q)
	if l.empty == nil || !l.empty(q) {
		for _, i := range order[min(q.Offset, len(order)):min(q.Offset+q.Limit, len(order))] {
			form := `{%q:"%s-%08d"}`
			if l.odd != nil && l.odd(i) {
				form = `{%q:"%s_%d"}`
			}
			rows = append(rows, fmt.Sprintf(form, field, prefix, i))
		}
	}
	total := len(order)
	if l.total != nil {
		total = l.total(q)
	}
	text := fmt.Sprintf(`{"Response":{"TotalCount":%d,%q:[%s]}}`, total, set, strings.Join(rows, ","))
	return response(http.StatusOK, "application/json", text), nil
}

// order is the whole list, as one answer orders it.
func (l *listing) order(q *query) []int {
	var order []int
	for i := range l.n {
		if l.gone == nil || !l.gone(i, q.number) {
			order = append(order, i)
		}
	}
	if l.shuffle != nil {
		rng := rand.New(rand.NewPCG(uint64(l.n), l.shuffle(q)))
		for ties := range slices.Chunk(order, max(l.ties, 1)) {
			rng.Shuffle(len(ties), func(i, j int) { ties[i], ties[j] = ties[j], ties[i] })
		}
	}
	if q.Order == "DESC" {
		slices.Reverse(order)
	}
	return order
}

// read lists the snapshots, each of which may come once only, and returns how many
// that were never gone came with an id, and how many came without one.
func (l *listing) read(t *testing.T) (ids, unread, calls int, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		seen := map[string]bool{}
		c := client(l)
		err = c.Snapshots(t.Context(), gz, func(page []cloud.Snapshot, _ int) {
			for _, s := range page {
				if s.ID == "" {
					unread++
				} else if seen[s.ID] {
					t.Errorf("%s comes twice", s.ID)
				}
				seen[s.ID] = true
			}
		})
		delete(seen, "")
		for i := range l.n {
			if l.gone != nil && l.gone(i, math.MaxInt) {
				delete(seen, fmt.Sprintf("snap-%08d", i))
			}
		}
		ids, calls = len(seen), c.Calls()
	})
	return ids, unread, calls, err
}

func once(number int) func(*query) bool { return func(q *query) bool { return q.number == number } }

func says(total int) func(*query) int { return func(*query) int { return total } }

// Whatever the service does with order, totals and pages: the list is whole.
func TestNoOddAnswerCostsARow(t *testing.T) {
	for name, tt := range map[string]struct {
		*listing
		calls int // at most; 0: any number
	}{
		"150 of one second, each page orders them differently":   {&listing{n: 150, ties: 150, shuffle: byPage}, 0},
		"250 of one second, each page orders them differently":   {&listing{n: 250, ties: 250, shuffle: byPage}, 0},
		"700 of one second, each answer orders them differently": {&listing{n: 700, ties: 700, shuffle: byRequest}, 0},
		"150 of one second, in another order from page two on":   {&listing{n: 150, ties: 150, shuffle: func(q *query) uint64 { return uint64(min(q.Offset, 1)) }}, 0},
		"many seconds with a few ties":                           {&listing{n: 2000, ties: 7, shuffle: byPage}, 0},
		"ties, and a total that is capped":                       {&listing{n: 250, ties: 250, shuffle: byPage, total: says(100)}, 0},
		"the total is 0":                                         {&listing{n: 450, total: says(0)}, 5},
		"the total is 0, and the last page is full":              {&listing{n: 199, total: says(0)}, 3},
		"the total is unknown":                                   {&listing{n: 12_000, total: says(-1)}, 122},
		"the total is too small":                                 {&listing{n: 450, total: says(300)}, 5},
		"the total is capped at one page":                        {&listing{n: 150, total: says(100)}, 2},
		"the total is one too many once":                         {&listing{n: 50, total: func(q *query) int { return 50 + 1/q.number }}, 3},
		"the second page is empty once":                          {&listing{n: 450, empty: once(2)}, 12},
		"an empty page, and a total that is capped":              {&listing{n: 450, total: says(100), empty: once(3)}, 8},
		"the list is empty once":                                 {&listing{n: 50, empty: once(1)}, 3},
		"the list is empty once, and so says the total":          {&listing{n: 50, empty: once(1), total: func(q *query) int { return min(50*(q.number-1), 50) }}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, calls, err := tt.read(t)
			if got != tt.n || err != nil || (tt.calls > 0 && calls > tt.calls) {
				t.Errorf("got %d of %d snapshots with %d calls, %v; want all with at most %d", got, tt.n, calls, err, tt.calls)
			}
		})
	}
}

// Random mistakes at once: a list without an error is whole, whatever happens, and
// nothing that the service shows is lost.
func TestAListWithoutAnErrorIsWhole(t *testing.T) {
	incomplete := 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		l := &listing{n: rng.IntN(600), ties: 1 + rng.IntN(200), shuffle: []func(*query) uint64{nil, byPage, byRequest}[rng.IntN(3)]}
		l.total = says([]int{l.n, l.n, 0, -1, 100, l.n / 2, l.n + 1}[rng.IntN(7)])
		l.empty = once(rng.IntN(10))
		switch got, _, calls, err := l.read(t); {
		case l.total(nil) > l.n && got == l.n && errors.Is(err, cloud.ErrIncomplete):
		case errors.Is(err, cloud.ErrIncomplete): // one in 400 misses a row that is never on a page
			incomplete++
		case got != l.n || err != nil:
			t.Errorf("seed %d: got %d of %d snapshots with %d calls, %v", seed, got, l.n, calls, err)
		}
	}
	if incomplete > 3 {
		t.Errorf("%d lists stay incomplete, though the total is not too large", incomplete)
	}
}

// Rows of one second change places while others are deleted: a deleted one must not
// stand for one that was missed.
func TestADeletedRowHidesNoMissingOne(t *testing.T) {
	for n := 120; n < 900; n += 3 {
		l := &listing{n: n, ties: 40, shuffle: byRequest, gone: func(i, number int) bool { return i%9 == 4 && i/9 < number }}
		got, _, calls, err := l.read(t)
		if want := n - (n+4)/9; got != want && !errors.Is(err, cloud.ErrIncomplete) {
			t.Errorf("got %d of %d snapshots with %d calls, %v", got, want, calls, err)
		}
	}
}

func TestATotalOneTooManyKeepsTheRows(t *testing.T) {
	for n, most := range map[int]int{1: 3, 150: 9, 1000: 48} {
		got, _, calls, err := (&listing{n: n, total: says(n + 1)}).read(t)
		want := fmt.Sprintf("list snapshots in ap-guangzhou: the list is incomplete: %d of %d rows after reading it 3 times", n, n+1)
		if !errors.Is(err, cloud.ErrIncomplete) || err.Error() != want || got != n || calls > most {
			t.Errorf("got %d snapshots with %d calls, %v; want %d, and %s", got, calls, err, n, want)
		}
	}
}

func TestRowsWithoutAnIDComeOnce(t *testing.T) {
	odd := func(i int) bool { return i%99 == 0 } // the last row of each page, and the first of the next one
	for name, l := range map[string]*listing{
		"read once":                {n: 450, odd: odd},
		"read several times":       {n: 450, odd: odd, total: says(451)},
		"pages full of them":       {n: 450, odd: func(i int) bool { return i >= 100 && i < 400 }},
		"the second page is empty": {n: 450, odd: odd, empty: once(2)},
	} {
		t.Run(name, func(t *testing.T) {
			ids, unread, _, err := l.read(t)
			if ids+unread != 450 || (err != nil) != (name == "read several times") {
				t.Errorf("got %d snapshots and %d without an id, %v; want 450", ids, unread, err)
			}
		})
	}
}

func TestADiskWithoutAnIDMakesTheListIncomplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := 0
		err := client(&listing{n: 150, odd: func(i int) bool { return i == 7 }}).Disks(t.Context(), gz, func(page []cloud.Disk, _ int) { seen += len(page) })
		if !errors.Is(err, cloud.ErrIncomplete) || seen != 149 {
			t.Errorf("got %d disks, %v; want 149 of an incomplete list", seen, err)
		}
	})
}

// A search that the service counts wrongly must not block what is searched for.
func TestSearchesReturnWhatIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(&listing{n: 2, total: says(3)})
		byID, err := c.SnapshotsByID(t.Context(), gz, []string{"snap-00000000", "snap-00000001", "snap-00000002"})
		noError(t, err)
		ofDisks, err := c.SnapshotsOfDisks(t.Context(), gz, []string{"disk-1"})
		noError(t, err)
		byName, err := c.SnapshotsByName(t.Context(), gz, []string{""})
		noError(t, err)
		disks, err := c.DisksByID(t.Context(), gz, []string{"disk-00000000", "disk-00000002"})
		noError(t, err)
		if len(byID) != 2 || len(ofDisks) != 2 || len(byName) != 2 || len(disks) != 1 {
			t.Errorf("got %d, %d, %d and %d", len(byID), len(ofDisks), len(byName), len(disks))
		}
	})
}

func TestUnknownIDsAreLeftOutThoughTheServiceRefusesTheirWholeRequest(t *testing.T) {
	const unknown = "99999999"
	for name, refused := range map[string]struct {
		code  string
		alone bool // refuse also the filter
		calls int  // for 30 ids, and for the unknown one alone
		one   int
	}{
		"as not found":                 {"InvalidDiskId.NotFound", false, 4, 1},
		"as not found, by filter, too": {"InvalidSnapshotId.NotFound", true, 14, 1},
		"as a wrong value":             {"InvalidParameterValue", false, 4, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inCloud(t, sim.Options{Inject: func(c sim.Call) sim.Fault {
				if text := string(c.Params); strings.Contains(text, unknown) && (refused.alone || !strings.Contains(text, "Filters")) {
					return refuse(refused.code)
				}
				return sim.Fault{}
			}}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
				snapshots, disks := append(fill(w, gz, 29), "snap-"+unknown), []string{"disk-" + unknown}
				for range 29 {
					disks = append(disks, w.AddDisk(sim.Disk{}))
				}
				snaps := func(ctx context.Context, ids []string) (int, error) {
					got, err := c.SnapshotsByID(ctx, gz, ids)
					return len(got), err
				}
				found := func(ctx context.Context, ids []string) (int, error) {
					got, err := c.DisksByID(ctx, gz, ids)
					return len(got), err
				}
				for _, s := range []struct {
					read        func(context.Context, []string) (int, error)
					ids         []string
					want, calls int
				}{{snaps, snapshots, 29, refused.calls}, {found, disks, 29, refused.calls}, {snaps, snapshots[29:], 0, refused.one}, {found, disks[:1], 0, refused.one}} {
					before := c.Calls()
					got, err := s.read(t.Context(), s.ids)
					noError(t, err)
					wantNumber(t, "rows", got, s.want)
					wantNumber(t, "calls", c.Calls()-before, s.calls)
				}
			})
		})
	}
}
