package tencent_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"snapferry/internal/tencent"
)

// A bridge is a service with so many buses, and rules on the last of them, that ignores
// filters, and may ignore offsets or name no total.
type bridge struct {
	rows                   int
	noOffset, noTotal, lie bool
}

func (b bridge) RoundTrip(r *http.Request) (*http.Response, error) {
	var p struct{ Limit, Offset int }
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		return nil, err
	}
	if b.noOffset {
		p.Offset = 0
	}
	kind, row := "EventBuses", func(i int) string {
		return fmt.Sprintf(`{"EventBusId":"eb-%d","Type":%q}`, i, map[bool]string{true: "Cloud", false: "Custom"}[i == b.rows-1])
	}
	switch r.Header.Get("X-Tc-Action") {
	case "ListRules":
		kind, row = "Rules", func(i int) string { return fmt.Sprintf(`{"RuleId":"rule-%d","RuleName":"n%d"}`, i, i) }
	case "ListTargets":
		kind, row = "Targets", func(i int) string { return fmt.Sprintf(`{"TargetId":"target-%d"}`, i) }
	}
	var rows []string
	for i := p.Offset; i < min(p.Offset+p.Limit, b.rows); i++ {
		rows = append(rows, row(i))
	}
	total := fmt.Sprintf(`,"TotalCount":%d`, b.rows)
	switch {
	case b.noTotal:
		total = ""
	case b.lie:
		total = `,"TotalCount":1000`
	}
	body := fmt.Sprintf(`{"Response":{"RuleName":"n","RequestId":"x",%q:[%s]%s}}`, kind, strings.Join(rows, ","), total)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestListsOfEventBridgeAreReadWhole(t *testing.T) {
	for name, tc := range map[string]struct {
		bridge
		whole bool
	}{
		"one page":                       {bridge{rows: 3}, true},
		"more than one page":             {bridge{rows: 230}, true},
		"a full page at the end":         {bridge{rows: 200}, true},
		"no total":                       {bridge{rows: 230, noTotal: true}, true},
		"offsets ignored":                {bridge{rows: 230, noOffset: true}, false},
		"offsets ignored, one page":      {bridge{rows: 60, noOffset: true}, true},
		"fewer rows than it says it has": {bridge{rows: 230, lie: true}, false},
	} {
		c := tencent.New(tencent.Options{ID: "id", Key: "key", Transport: tc.bridge, Pacer: tencent.NewPacer(1000)})
		bus, err := c.EventBus(t.Context())
		if tc.whole != (err == nil) || (tc.whole && bus != fmt.Sprintf("eb-%d", tc.rows-1)) {
			t.Errorf("%s: got bus %q, %v", name, bus, err)
		}
		rules, err := c.Rules(t.Context(), "eb-0", fmt.Sprintf("n%d", tc.rows-1))
		if tc.whole != (err == nil) || (tc.whole && (len(rules) != 1 || len(rules[0].Targets) != tc.rows)) {
			t.Errorf("%s: got %d rules, %v", name, len(rules), err)
		}
	}
}
