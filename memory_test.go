package main_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// mostMemory is what an instance may take up, in MB. A function has 128 by
// default; what is between is for lists of snapshots.
const mostMemory = 112

// The kernel keeps the most that a process ever took up: nothing is sampled.
func TestTheLargestEventsFitIntoAFunctionOf128MB(t *testing.T) {
	cloud := simulator(t, "--disks", "1")
	for name, event := range map[string]string{
		"ten thousand records": batch(10_000),
		"a long text":          `{"job":"` + strings.Repeat("x", 6<<20-12) + `"}`,
		"a hostile page":       `{"httpMethod":"GET","path":"/","headers":{"a":[0` + strings.Repeat(",0", 3_000_000) + `]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, "_LAMBDA_SERVER_PORT", map[string]string{
				"API_ENDPOINT": cloud["API_ENDPOINT"], "SOURCE_REGIONS": "ap-guangzhou", "TARGET_REGIONS": "ap-beijing",
				"TENCENTCLOUD_SECRETID": cloud["TENCENTCLOUD_SECRET_ID"], "TENCENTCLOUD_SECRETKEY": cloud["TENCENTCLOUD_SECRET_KEY"],
			})
			for range 3 { // an instance serves many
				_, _ = f.invoke(event, time.Minute, nil)
			}
			if got := f.mostMemory(); got > mostMemory {
				t.Errorf("it took up %d MB for %d bytes, more than %d", got, len(event), mostMemory)
			}
		})
	}
}

// batch is an event of n records of snapshots that are not there, as long as the
// platform delivers.
func batch(n int) string {
	all := make([]string, n)
	for i := range all {
		one := fmt.Sprintf(`{"specversion":"1.0","source":"cbs.cloud.tencent","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou",
			"responseElements":"{\"SnapshotId\":\"snap-%08d\"}","padding":""}}`, i)
		all[i] = strings.Replace(one, `"padding":"`, `"padding":"`+strings.Repeat("x", 6<<20/n-len(one)-2), 1)
	}
	return `{"EventList":[` + strings.Join(all, ",") + `]}`
}

// mostMemory is the most that the instance took up so far, in MB.
func (f *instance) mostMemory() int {
	f.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.pid))
	if err != nil {
		f.t.Skipf("this system does not tell: %v", err)
	}
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		f.t.Skip("this system does not tell")
	}
	kilobytes, err := strconv.Atoi(string(found[1]))
	if err != nil {
		f.t.Fatal(err)
	}
	return kilobytes >> 10
}
