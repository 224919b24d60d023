package main_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"snapferry/internal/plan"
	"snapferry/internal/status"
)

// Every metric that an alert rule names is one that the status writes, and every rule
// says what to do.
func TestTheAlertRulesNameOnlyMetricsThatThereAre(t *testing.T) {
	raw, err := os.ReadFile("deploy/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(raw)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	written := metricsWithEverything(t)
	var alerts []string
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			alerts = append(alerts, r.Alert)
			if _, err := time.ParseDuration(r.For); err != nil || r.Annotations["summary"] == "" || r.Annotations["action"] == "" || !slices.Contains([]string{"warning", "critical"}, r.Labels["severity"]) {
				t.Errorf("%s: for %q, labels %v, annotations %v", r.Alert, r.For, r.Labels, r.Annotations)
			}
			names := regexp.MustCompile(`snapferry_[a-z_]+`).FindAllString(r.Expr, -1)
			if len(names) == 0 {
				t.Errorf("%s names no metric", r.Alert)
			}
			for _, name := range names {
				if !strings.Contains(written, "# TYPE "+name+" gauge\n") {
					t.Errorf("%s: there is no metric %s", r.Alert, name)
				}
			}
		}
	}
	for _, want := range []string{"Silent", "Late", "VeryLate", "Unprotected", "Stuck", "RegionNearlyFull", "DrillOverdue", "ReplicaLost"} {
		if !slices.Contains(alerts, "Snapferry"+want) {
			t.Errorf("there is no alert Snapferry%s", want)
		}
	}
}

// metricsWithEverything are the metrics of an account in which something is known of
// everything.
func metricsWithEverything(t *testing.T) string {
	t.Helper()
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	m := status.Build(status.Input{
		At: at, RPO: 72 * time.Hour, Sources: []string{"ap-guangzhou"}, Targets: []string{"ap-beijing"},
		Rows: []plan.Decision{{
			Kind: plan.KindProtect, Disk: "disk-a", From: "ap-guangzhou", To: "ap-beijing", Outcome: plan.Protected, Replica: "snap-r", Point: at.Add(-time.Hour),
		}},
		Quota:  []status.Usage{{Region: "ap-beijing", Used: 10, Limit: 64, Week: 7}},
		Drills: []status.Drill{{To: "ap-beijing", Disk: "disk-a", Replica: "snap-r", Week: "2026-W47"}},
	})
	var b strings.Builder
	if err := m.Metrics(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
