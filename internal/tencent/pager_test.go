package tencent_test

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

func TestListsCostNoMoreThanTheyMust(t *testing.T) {
	for n, calls := range map[int]int{0: 2, 1: 1, 99: 1, 100: 2, 101: 2, 199: 3, 200: 3, 1000: 11} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			inCloud(t, sim.Options{}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
				want := fill(w, gz, n)
				got, err := list(t.Context(), c, gz)
				noError(t, err)
				if !slices.Equal(idsOf(got), want) {
					t.Errorf("got %d snapshots, want %d in order of creation", len(got), n)
				}
				wantNumber(t, "calls", c.Calls(), calls)
			})
		})
	}
}

// Whatever comes and goes between two pages: what was there all the time is
// in the list, once.
func TestListsAreWholeWhileSnapshotsComeAndGo(t *testing.T) {
	const n = 450
	for name, change := range map[string]func(w *sim.Cloud, ids []string, page int){
		"the first row goes":       func(w *sim.Cloud, ids []string, page int) { w.RemoveSnapshot(gz, ids[page]) },
		"the last one known goes":  func(w *sim.Cloud, ids []string, page int) { w.RemoveSnapshot(gz, ids[page*99]) },
		"the last page's end goes": func(w *sim.Cloud, ids []string, page int) { w.RemoveSnapshot(gz, ids[n-page]) },
		"forty rows go": func(w *sim.Cloud, ids []string, page int) {
			for i := range 40 {
				w.RemoveSnapshot(gz, ids[(page-1)*40+i])
			}
		},
		"eighty rows go once": func(w *sim.Cloud, ids []string, page int) {
			for i := range 80 {
				w.RemoveSnapshot(gz, ids[i])
			}
		},
		"nearly all go": func(w *sim.Cloud, ids []string, page int) {
			for _, id := range ids[:n-20] {
				w.RemoveSnapshot(gz, id)
			}
		},
		"an old one comes": func(w *sim.Cloud, ids []string, page int) {
			w.AddSnapshot(sim.Snapshot{Created: time.Now().Add(-1000 * time.Hour), Disk: "disk-aaaaaaaa"})
		},
		"new ones come": func(w *sim.Cloud, ids []string, page int) {
			w.AddSnapshot(sim.Snapshot{Disk: "disk-aaaaaaaa"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inCloud(t, sim.Options{}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
				ids, page := fill(w, gz, n), 0
				w.SetInject(func(sim.Call) sim.Fault {
					if page++; page > 1 && page < 5 {
						change(w, ids, page-1)
					}
					return sim.Fault{}
				})
				got, err := list(t.Context(), c, gz)
				noError(t, err)
				seen := map[string]int{}
				for _, s := range got {
					seen[s.ID]++
				}
				for _, id := range ids {
					if _, there := w.Snapshot(gz, id); there && seen[id] != 1 {
						t.Errorf("%s was there all the time and is listed %d times", id, seen[id])
					}
				}
			})
		})
	}
}

func row(i int) string { return fmt.Sprintf(`{"SnapshotId":"snap-%08d"}`, i) }

// page is an answer with the snapshots of these numbers.
func page(total, from, to int) string {
	var rows []string
	for i := from; i < to; i++ {
		rows = append(rows, row(i))
	}
	return fmt.Sprintf(`{"Response":{"TotalCount":%d,"SnapshotSet":[%s],"RequestId":"r"}}`, total, strings.Join(rows, ","))
}

// What the service shows is right, and stays with the caller. Each of 8 readings may
// have asked for four pages ahead.
func TestListsThatStayIncompleteAreErrorsThatSaySo(t *testing.T) {
	var calls atomic.Int64
	for name, rt := range map[string]answers{
		"offset ignored": always(page(500, 0, 100)),
		"short page, nothing more": func(_ *http.Request, body string) string {
			if strings.Contains(body, `"Offset":0`) {
				return page(50, 0, 30)
			}
			return page(50, 0, 0)
		},
		"one row twice, one not at all": always(`{"Response":{"TotalCount":3,"SnapshotSet":[` + row(1) + "," + row(1) + "," + row(2) + `],"RequestId":"r"}}`),
		"one new row each time": func(*http.Request, string) string {
			n := int(calls.Add(1))
			return page(500, n, n+1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, seen := client(rt), 0
				err := c.Snapshots(t.Context(), gz, func(page []cloud.Snapshot, _ int) { seen += len(page) })
				if !errors.Is(err, cloud.ErrIncomplete) || seen == 0 || c.Calls() > 8*5 {
					t.Errorf("got %d snapshots, %v with %d calls, want an incomplete list after few", seen, err, c.Calls())
				}
				_ = meaning(t, err)
			})
		})
	}
}

func TestPagesShorterThanAskedAreFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := answers(func(_ *http.Request, body string) string {
			offset := 0
			_, rest, _ := strings.Cut(body, `"Offset":`)
			_, err := fmt.Sscanf(rest, "%d", &offset)
			noError(t, err)
			return page(300, offset, min(offset+50, 300))
		})
		c := client(rt)
		got, err := list(t.Context(), c, gz)
		noError(t, err)
		wantNumber(t, "snapshots", len(got), 300)
		wantNumber(t, "calls", c.Calls(), 7) // one row of each page is in the one before
	})
}

func TestRowsWithoutAnIDDoNotVanish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := always(`{"Response":{"TotalCount":4,"SnapshotSet":[null,{},{"SnapshotId":"i-1"},{"SnapshotId":"snap-1","SnapshotState":null,
			"Percent":null,"DiskSize":null,"CreateTime":null,"Images":null,"CopyingToRegions":[null],"Tags":[null,{"Key":"k","Value":null}],"Encrypt":null}],"RequestId":"r"}}`)
		got, err := list(t.Context(), client(rt), gz)
		noError(t, err)
		if !slices.Equal(idsOf(got), []string{"", "", "", "snap-1"}) || got[3].Tags["k"] != "" || len(got[3].CopyingTo) != 0 || got[3].Percent != -1 {
			t.Errorf("got %+v, want snap-1 and three without an id", got)
		}
	})
}

// A failed page must not leave half a list behind.
func TestAFailedPageFailsTheList(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		fill(w, gz, 450)
		calls := 0
		w.SetInject(func(sim.Call) sim.Fault {
			if calls++; calls > 2 {
				return refuse("InternalError")
			}
			return sim.Fault{}
		})
		got, err := list(t.Context(), c, gz)
		if err == nil || got != nil {
			t.Errorf("got %d snapshots, %v, want an error alone", len(got), err)
		}
	})
}

// An account may have 18,000 snapshots, and a function 64 MB: a thousand bytes
// for each leave room for everything else.
func TestALargeRegionFitsASmallFunction(t *testing.T) {
	const n = 3000
	inCloud(t, sim.Options{KeepCalls: -1}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		fill(w, gz, n)
		before := heap()
		got, err := list(t.Context(), c, gz)
		noError(t, err)
		if grown := int64(heap()) - int64(before); grown > n*1000 {
			t.Errorf("the list takes %d bytes for each snapshot", grown/n)
		}
		wantNumber(t, "snapshots", len(got), n)
		runtime.KeepAlive(got)
	})
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
