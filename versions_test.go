package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"

	"snapferry/internal/sim"
)

// before is a commit of the version before this one, for as long as no release has a
// tag: the last one before 0.3.0.
const before = "89af43b599c677245c7308066637a0798cfe412c"

// git runs git in this folder.
func git(args ...string) (string, error) {
	out, err := exec.Command("git", args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}

// versionBefore builds the version before this one. Without its history the test is
// skipped: an archive of the sources and a shallow clone do not have it.
func versionBefore(t *testing.T) string {
	t.Helper()
	commit, err := git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD^")
	if err != nil {
		commit = before
	}
	if _, err := git("cat-file", "-e", commit+"^{commit}"); err != nil {
		t.Skipf("the version before, %s, is not in the history here: %v", commit, err)
	}
	sources := filepath.Join(t.TempDir(), "sources")
	if _, err := git("clone", "--quiet", "--shared", "--no-checkout", ".", sources); err != nil {
		t.Fatal(err)
	}
	if _, err := git("-C", sources, "checkout", "--quiet", "--detach", commit); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(sources, "before")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Dir = sources
	if out, err := build.CombinedOutput(); err != nil {
		// Its modules may not be here, and not be reachable. Whoever tests changes has them.
		if os.Getenv("CI") != "true" {
			t.Skipf("the version before, %s, can't be built here: %v\n%s", commit, err, out)
		}
		t.Fatalf("build the version before, %s: %v\n%s", commit, err, out)
	}
	return path
}

// An upgrade, or taking it back, copies nothing again, deletes nothing, and finds all
// that the other version proved.
func TestTwoVersionsKnowEachOthersReplicas(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the version before")
	}
	older := versionBefore(t)
	for _, c := range []struct{ name, first, second string }{{"upgrade", older, built(t)}, {"rollback", built(t), older}} {
		t.Run(c.name, func(t *testing.T) {
			env := simulator(t, "--disks", "1", "--copy-time", "1s", "--seed", "7")
			env["KEEP_LAST"] = "7"
			first, second := serveBinary(t, c.first, "_LAMBDA_SERVER_PORT"), serveBinary(t, c.second, "_LAMBDA_SERVER_PORT")
			started, _ := first.invoke(sweep, time.Minute, env)
			if started.Counts["started"] != 7 {
				t.Fatalf("the first version: %+v, want 7 started", started)
			}
			// Copies that the other version began are under way.
			if r, failure := second.invoke(sweep, time.Minute, env); failure != "" || r.Counts["started"]+r.Counts["failed"] > 0 {
				t.Errorf("the second version, on copies under way: %+v, error %q", r, failure)
			}
			first.settle(sweep, "exists", 7, env)
			second.settle(verify, "verified", 7, env) // one version copies, the other one tags
			for _, step := range []struct{ event, outcome string }{{sweep, "exists"}, {verify, "verified"}, {`{"job":"retain"}`, "kept"}} {
				for _, f := range []*instance{second, first} {
					r, failure := f.invoke(step.event, time.Minute, env)
					if failure != "" || r.Counts[step.outcome] != 7 || len(r.Counts) != 1 {
						t.Errorf("%s: %v, error %q, want 7 %s", step.event, r.Counts, failure, step.outcome)
					}
				}
			}
			// Without the sources nothing but that tag proves them.
			deleteSnapshots(t, env, "ap-guangzhou")
			for _, f := range []*instance{second, first} {
				for event, outcome := range map[string]string{verify: "verified", `{"job":"retain"}`: "kept"} {
					if r, failure := f.invoke(event, time.Minute, env); failure != "" || r.Counts[outcome] != 7 || len(r.Counts) != 1 {
						t.Errorf("%s, sources gone: %v, error %q, want 7 %s", event, r.Counts, failure, outcome)
					}
				}
			}
		})
	}
}

// deleteSnapshots deletes all snapshots of a region, as somebody else may.
func deleteSnapshots(t *testing.T, env map[string]string, region string) {
	t.Helper()
	client := cbsClient(t, env["API_ENDPOINT"], sim.Key{ID: env["TENCENTCLOUD_SECRETID"], Secret: env["TENCENTCLOUD_SECRETKEY"]}, region)
	found, err := client.DescribeSnapshotsWithContext(t.Context(), cbs.NewDescribeSnapshotsRequest())
	if err != nil {
		t.Fatal(err)
	}
	request := cbs.NewDeleteSnapshotsRequest()
	for _, s := range found.Response.SnapshotSet {
		request.SnapshotIds = append(request.SnapshotIds, s.SnapshotId)
	}
	if _, err := client.DeleteSnapshotsWithContext(t.Context(), request); err != nil {
		t.Fatal(err)
	}
}
