package settings_test

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

const home = "ap-guangzhou" // the function's region in these tests

// env is a getenv over pairs of name and value; TARGET_REGIONS, which every
// Read needs, is there unless given.
func env(pairs ...string) func(string) string {
	all := map[string]string{"TARGET_REGIONS": "ap-beijing"}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return all[name] }
}

func shanghai(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestWithTargetsAloneEverythingElseHasItsDefault(t *testing.T) {
	got, err := settings.Read(env(), home)
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{
		Rules: plan.Rules{
			Targets: []string{"ap-beijing"}, Sources: []string{"ap-guangzhou"},
			MaxAge: 72 * time.Hour, Zone: shanghai(t), DeleteLimit: 200, CopyTimeout: 6 * time.Hour, RPO: 72 * time.Hour,
		},
		Job: cloud.Copy, DrillCount: 1, APIDomain: "tencentcloudapi.com", APIRate: 20, LogLevel: slog.LevelInfo, Language: "en",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestEveryVariableReachesItsField(t *testing.T) {
	got, err := settings.Read(env(
		"TARGET_REGIONS", " ap-beijing , ap-chengdu,ap-beijing", "SOURCE_REGIONS", "ap-shanghai,ap-beijing", "JOB", "retain",
		"SELECT_TAGS", "env=prod, team = *,env=prod", "SELECT_DISKS", "disk-omp7wl2m,disk-A1", "MAX_AGE", "0",
		"KEEP_LAST", "1", "KEEP_HOURLY", "2", "KEEP_DAILY", "3", "KEEP_WEEKLY", "4", "KEEP_MONTHLY", "5", "KEEP_YEARLY", "6",
		"KEEP_WITHIN", "90d", "KEEP_GONE", "1w", "TIME_ZONE", "UTC", "DELETE_LIMIT", "7", "COPY_TIMEOUT", "1h30m", "RPO", "1d", "DRY_RUN", "1",
		"COPY_TAGS", "env,team", "SHARE_ACCOUNTS", "100000000001,100000000002", "NOTIFY_URL", "https://example.com/hook?key=k",
		"STATUS_TOKEN", "t0ken", "DRILL_COUNT", "8", "API_ENDPOINT", "http://127.0.0.1:9000/",
		"API_DOMAIN", "intl.tencentcloudapi.com", "API_RATE", "1000", "LOG_LEVEL", "warn", "HEARTBEAT_URL", "https://example.com/beat", "LANGUAGE", "zh_CN:en",
	), home)
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{
		Rules: plan.Rules{
			Targets: []string{"ap-beijing", "ap-chengdu"}, Sources: []string{"ap-shanghai", "ap-beijing"},
			SelectTags:  []plan.Tag{{Key: "env", Value: "prod"}, {Key: "team", Value: "*"}},
			SelectDisks: []string{"disk-omp7wl2m", "disk-A1"},
			Keep:        plan.Keep{Last: 1, Hourly: 2, Daily: 3, Weekly: 4, Monthly: 5, Yearly: 6, Within: 90 * 24 * time.Hour},
			Zone:        time.UTC, KeepGone: 7 * 24 * time.Hour, DeleteLimit: 7, CopyTimeout: 90 * time.Minute, RPO: 24 * time.Hour, CopyTags: []string{"env", "team"}, ShareAccounts: []string{"100000000001", "100000000002"},
		},
		Job: cloud.Retain, DryRun: true,
		NotifyURL: "https://example.com/hook?key=k", StatusToken: "t0ken", DrillCount: 8,
		APIEndpoint: "http://127.0.0.1:9000", APIDomain: "intl.tencentcloudapi.com", APIRate: 1000, LogLevel: slog.LevelWarn, HeartbeatURL: "https://example.com/beat", Language: "zh",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	for _, v := range []reflect.Value{reflect.ValueOf(got), reflect.ValueOf(got.Rules)} {
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "MaxAge" {
				t.Errorf("%s is not exercised by this test", name)
			}
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	got, err := settings.Read(env("TARGET_REGIONS", "", "JOB", "copie", "MAX_AGE", "1x", "KEEP_DAILY", "0", "DRY_RUN", "yes"), "")
	var mistakes settings.Mistakes
	if !errors.As(err, &mistakes) {
		t.Fatalf("got %T %v", err, err)
	}
	var names []string
	for _, m := range mistakes {
		names = append(names, m.Variable)
	}
	want := []string{"TARGET_REGIONS", "JOB", "MAX_AGE", "KEEP_DAILY", "DRY_RUN", "SOURCE_REGIONS"}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	line := err.Error()
	if strings.Contains(line, "\n") || strings.Count(line, "; ") != len(want)-1 {
		t.Errorf("not one line, or not joined: %s", line)
	}
	if wanted := `MAX_AGE: "1x" is not a duration such as 72h, 3d or 2w`; !strings.Contains(line, wanted) {
		t.Errorf("got %s, want %s in it", line, wanted)
	}
	if !reflect.DeepEqual(got, settings.Settings{}) {
		t.Errorf("settings come with the mistakes: %+v", got)
	}
}

func TestManyBadElementsMakeAShortMessage(t *testing.T) {
	_, err := settings.Read(env("SELECT_DISKS", strings.Repeat("x,", 500)+"y", "SELECT_TAGS", distinct(500)), home)
	if err == nil || len(err.Error()) > 2000 {
		t.Errorf("got %v", err)
	}
	if want := "SELECT_TAGS: has 495 more elements like these"; !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("got %v, want %s in it", err, want)
	}
}

func distinct(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("t%d", i)
	}
	return strings.Join(all, ",")
}

func TestEveryDefaultIsWhatReadTakesAndCanBeWrittenOut(t *testing.T) {
	want, err := settings.Read(env(), home)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, v := range settings.Variables() {
		if seen[v.Name] || v.Default == "" || v.Meaning == "" || strings.ContainsAny(v.Meaning, "\n|") {
			t.Errorf("not fit for a table: %+v", v)
		}
		seen[v.Name] = true
		if v.Default == "required" || v.Default == "the function's region" || v.Name == "RPO" || v.Name == "LANGUAGE" || strings.HasPrefix(v.Default, "none") {
			continue
		}
		got, err := settings.Read(env(v.Name, v.Default), home)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s=%s: got %+v, %v", v.Name, v.Default, got, err)
		}
	}
	const documented = 30 // the table of the design note, KEEP_* counted one by one
	if len(seen) != documented {
		t.Errorf("got %d variables, want %d", len(seen), documented)
	}
}

func TestNoVariableHasAPrefixThePlatformKeepsForItself(t *testing.T) {
	for _, v := range settings.Variables() {
		for _, prefix := range []string{"SCF_", "QCLOUD_", "TENCENTCLOUD_"} {
			if strings.HasPrefix(v.Name, prefix) {
				t.Errorf("%s", v.Name)
			}
		}
	}
}

func TestTheSourceIsTheFunctionsRegionOrHasToBeNamed(t *testing.T) {
	for name, c := range map[string]struct{ sources, region, want, mistake string }{
		"unset, region known":   {"", "ap-guangzhou", "[ap-guangzhou]", ""},
		"set, region known":     {"ap-tokyo", "ap-guangzhou", "[ap-tokyo]", ""},
		"set, region unknown":   {"ap-tokyo", "", "[ap-tokyo]", ""},
		"unset, region unknown": {"", "", "", "SOURCE_REGIONS: is not set"},
		"unset, region strange": {"", "gz", "", `SOURCE_REGIONS: "gz" is the function's own region`},
		"set to a mistake":      {"Tokyo", "", "", `SOURCE_REGIONS: "Tokyo" is not a region`},
	} {
		s, err := settings.Read(env("SOURCE_REGIONS", c.sources), c.region)
		checkMistake(t, name, err, c.mistake)
		if err == nil && fmt.Sprint(s.Sources) != c.want {
			t.Errorf("%s: got %v, want %s", name, s.Sources, c.want)
		}
	}
}

func TestATargetMayBeOneOfSeveralSourcesButNotTheOnlyOne(t *testing.T) {
	for name, c := range map[string]struct{ targets, sources, mistake string }{
		"another region":            {"ap-beijing", "ap-guangzhou", ""},
		"the only source":           {"ap-beijing", "ap-beijing", `TARGET_REGIONS: "ap-beijing" is the only source region`},
		"the only source by itself": {"ap-guangzhou", "", `TARGET_REGIONS: "ap-guangzhou" is the only source region`},
		"the only source and more":  {"ap-beijing,ap-tokyo", "ap-tokyo", `TARGET_REGIONS: "ap-tokyo" is the only source region`},
		"one of two sources":        {"ap-beijing", "ap-beijing,ap-guangzhou", ""},
		"the only source, twice":    {"ap-beijing", "ap-beijing,ap-beijing", `TARGET_REGIONS: "ap-beijing" is the only source region`},
	} {
		_, err := settings.Read(env("TARGET_REGIONS", c.targets, "SOURCE_REGIONS", c.sources), home)
		checkMistake(t, name, err, c.mistake)
	}
}

func TestSettingsOverThePlatformsLimitAreRefused(t *testing.T) {
	most := 4096 - len("TARGET_REGIONS=ap-beijing") - len("STATUS_TOKEN=")
	_, err := settings.Read(env("STATUS_TOKEN", strings.Repeat("x", most)), home)
	checkMistake(t, "at the limit", err, "")
	_, err = settings.Read(env("STATUS_TOKEN", strings.Repeat("x", most+1)), home)
	checkMistake(t, "over it", err, "STATUS_TOKEN: is the longest setting, and all settings together take 4097 bytes: the platform allows 4096")
}

// checkMistake wants an error that begins with a text, or none for "".
func checkMistake(t *testing.T, name string, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && !strings.HasPrefix(fmt.Sprint(err), want) {
		t.Errorf("%s: got %v, want %s", name, err, want)
	}
}
