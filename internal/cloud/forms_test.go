package cloud_test

import (
	"strings"
	"testing"

	"snapferry/internal/cloud"
)

// known are the regions of the platform's list, all of which must pass.
const known = `ap-guangzhou ap-shanghai ap-nanjing ap-beijing ap-chengdu ap-chongqing ap-guiyang ap-hongkong ap-taipei
	ap-singapore ap-jakarta ap-bangkok ap-seoul ap-tokyo ap-mumbai na-siliconvalley na-ashburn na-toronto sa-saopaulo
	eu-frankfurt eu-moscow ap-shanghai-fsi ap-shenzhen-fsi ap-beijing-fsi`

func TestEveryKnownRegionHasTheForm(t *testing.T) {
	for _, name := range strings.Fields(known) {
		if !cloud.IsRegion(name) {
			t.Errorf("%s is refused", name)
		}
	}
}

func TestNewRegionsPassAndOtherThingsDoNot(t *testing.T) {
	for name, want := range map[string]bool{
		"me-saudi-arabia": true, "ap-osaka2": true,
		"": false, "ap": false, "ap-": false, "-ap": false, "ap--x": false, "AP-guangzhou": false, "ap-guangzhou-6": false,
		"ap_guangzhou": false, "ap-guangzhou\n": false, "ap-guangzhou.example.com": false, "ap-gu ang": false, "ap-ünchen": false,
		"../ap-guangzhou": false, "ap-abcdefghijklmnopq": true, "ap-abcdefghijklmnopqr": false,
	} {
		if got := cloud.IsRegion(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

func TestFinanceRegionsAreTold(t *testing.T) {
	if !cloud.IsFinance("ap-shanghai-fsi") || cloud.IsFinance("ap-shanghai") {
		t.Error("finance regions end in -fsi, others do not")
	}
}

func TestIdsHaveAForm(t *testing.T) {
	for id, want := range map[string]bool{
		"disk-omp7wl2m": true, "disk-A": true, "disk-": false, "disk-a/b": false, "disk-a\n": false, "xdisk-a": false,
		"disk-" + strings.Repeat("a", 27): true, "disk-" + strings.Repeat("a", 28): false,
	} {
		if got := cloud.IsDiskID(id); got != want {
			t.Errorf("%q: got %v, want %v", id, got, want)
		}
		if got := cloud.IsSnapshotID(strings.Replace(id, "disk", "snap", 1)); got != want {
			t.Errorf("%q as a snapshot: got %v, want %v", id, got, want)
		}
	}
}
