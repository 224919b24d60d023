package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"snapferry/internal/sim"
)

func TestDescribeDisks(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1})
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	a := c.AddDisk(sim.Disk{Created: at(0), Tags: map[string]string{"env": "prod", "x": "1"}})
	b := c.AddDisk(sim.Disk{Created: at(1), Usage: "SYSTEM_DISK", Charge: "PREPAID", Zone: gz + "-3"})
	d := c.AddDisk(sim.Disk{Created: at(2), State: "UNATTACHED", Type: "CLOUD_SSD", Name: "spare", Tags: map[string]string{"env": "test"}})
	c.AddSnapshot(sim.Snapshot{Disk: a})
	k := client(t, c, gz)
	cases := []struct{ filters, want string }{
		{"", a + " " + b + " " + d},
		{"disk-usage SYSTEM_DISK", b},
		{"disk-state UNATTACHED,ATTACHING", d},
		{"tag:env prod,test", a + " " + d},
		{"tag:env prod tag:x 2", ""},
		{"tag-key x", a},
		{"tag-value test", d},
		{"disk-id " + a + "," + b, a + " " + b},
		{"disk-type CLOUD_SSD", d},
		{"disk-name spare", d},
		{"disk-charge-type PREPAID", b},
		{"portable FALSE", b},
		{"zone " + gz + "-3", b},
		{"project-id 0 instance-id ins-" + a[5:], a},
		{"instance-name x", ""},
	}
	for _, tc := range cases {
		t.Run(tc.filters, func(t *testing.T) {
			r := cbs.NewDescribeDisksRequest()
			r.Filters, r.Order = filters(strings.Fields(tc.filters)...), common.StringPtr("ASC")
			res, err := k.DescribeDisks(r)
			noError(t, err)
			var ids []string
			for _, d := range res.Response.DiskSet {
				ids = append(ids, *d.DiskId)
			}
			want(t, "ids", strings.Join(ids, " "), tc.want)
		})
	}
	r := cbs.NewDescribeDisksRequest()
	r.DiskIds = []*string{&a, common.StringPtr("disk-00000000")}
	res, err := k.DescribeDisks(r)
	noError(t, err)
	want(t, "by id", *res.Response.TotalCount, 1)
	want(t, "snapshots", *res.Response.DiskSet[0].SnapshotCount, 1)
	for params, exp := range map[string]string{
		`{"Limit":101}`: "InvalidParameterValue",
		`{"Filters":[{"Name":"colour","Values":["x"]}]}`:                       "InvalidFilter",
		`{"DiskIds":["` + a + `"],"Filters":[{"Name":"zone","Values":["x"]}]}`: "InvalidParameter",
		`{"ReturnBindAutoSnapshotPolicy":true,"OrderField":"DEADLINE"}`:        "",
	} {
		want(t, params, ask{action: "DescribeDisks", region: gz, params: params}.code(t, c), exp)
	}
}

// order are the parameters of a small disk made from a snapshot.
func order(snapshot, more string) string {
	return fmt.Sprintf(`{"Placement":{"Zone":%q},"DiskType":"CLOUD_PREMIUM","DiskChargeType":"POSTPAID_BY_HOUR","SnapshotId":%q%s}`,
		gz+"-1", snapshot, more)
}

func terminate(t *testing.T, c *sim.Cloud, disk, more string) (code string) {
	t.Helper()
	return ask{action: "TerminateDisks", region: gz, params: `{"DiskIds":["` + disk + `"]` + more + `}`}.code(t, c)
}

func TestRestoreAndTerminate(t *testing.T) {
	bubble(t, sim.Options{DiskTime: time.Minute}, func(t *testing.T, c *sim.Cloud) {
		id := c.AddSnapshot(sim.Snapshot{SizeGiB: 70, Encrypted: true})
		a := ask{action: "CreateDisks", region: gz, params: order(id, `,"ClientToken":"t1","DiskName":"ferry-drill_x_20261123T000000Z","Tags":[{"Key":"ferry:drill","Value":"x"}]`)}
		first := fmt.Sprint(a.send(t, c)["DiskIdSet"])
		a.params = strings.Replace(a.params, "{", "{ ", 1)
		want(t, "the token is remembered", fmt.Sprint(a.send(t, c)["DiskIdSet"]), first)
		want(t, "one disk", len(c.Disks(gz)), 1)
		a.params = order(id, `,"ClientToken":"t1"`)
		want(t, "the same token for another", a.code(t, c), "InvalidParameter.InvalidClientToken")
		d := c.Disks(gz)[0]
		want(t, "like its snapshot", d.SizeGiB == 70 && d.Encrypted && d.Snapshot == id && d.Tags["ferry:drill"] == "x", true)

		want(t, "not ready", d.State, "DUMPING")
		want(t, "not ready", terminate(t, c, d.ID, ""), "InvalidDisk.Busy")
		time.Sleep(time.Minute)
		want(t, "ready", c.Disks(gz)[0].State, "UNATTACHED")
		want(t, "ready", terminate(t, c, d.ID, ""), "")
		want(t, "gone", len(c.Disks("")), 0)
		want(t, "gone", terminate(t, c, d.ID, ""), "InvalidDiskId.NotFound")
		want(t, "complaints", kinds(c), "")
	})
}

func TestCreateDisksRefusals(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1, SoldOut: []string{gz + "-2"}})
	id := c.AddSnapshot(sim.Snapshot{SizeGiB: 15})
	system := c.AddSnapshot(sim.Snapshot{Usage: "SYSTEM_DISK"})
	busy := c.AddSnapshot(sim.Snapshot{State: "CHECKING_COPIED", CopyFromRemote: true})
	good := order(id, "")
	cases := []struct{ name, params, want string }{
		{"good", good, ""},
		{"no zone", strings.Replace(good, `"Zone"`, `"CageId"`, 1), "MissingParameter"},
		{"zone elsewhere", strings.Replace(good, gz+"-1", sh+"-1", 1), "InvalidParameterValue"},
		{"sold out", strings.Replace(good, gz+"-1", gz+"-2", 1), "ResourceInsufficient"},
		{"odd placement", strings.Replace(good, `"Zone"`, `"Place"`, 1), "UnknownParameter"},
		{"odd type", strings.Replace(good, "CLOUD_PREMIUM", "CLOUD_BASIC", 1), "InvalidParameterValue"},
		{"too small for the type", strings.Replace(good, "CLOUD_PREMIUM", "CLOUD_SSD", 1), "InvalidParameter.DiskConfigNotSupported"},
		{"system disk", order(system, ""), "InvalidParameter.ShouldConvertSnapshotToImage"},
		{"not ready", order(busy, ""), "ResourceUnavailable.SnapshotCreating"},
		{"no snapshot", order("snap-00000000", ""), "InvalidSnapshotId.NotFound"},
		{"smaller", order(id, `,"DiskSize":10`), "InvalidParameter.DiskSizeNotMatch"},
		{"no size", strings.Replace(good, `"SnapshotId":"`+id+`"`, `"DiskCount":1`, 1), "MissingParameter"},
		{"none", order(id, `,"DiskCount":0`), "InvalidParameterValue"},
		{"long token", order(id, `,"ClientToken":"`+strings.Repeat("x", 65)+`"`), "InvalidParameter.InvalidClientToken"},
		{"encrypt", order(id, `,"Encrypt":"YES"`), "InvalidParameterValue"},
	}
	for _, tc := range cases {
		want(t, tc.name, ask{action: "CreateDisks", region: gz, params: tc.params}.code(t, c), tc.want)
	}
	want(t, "complaints", strings.ReplaceAll(kinds(c), " no-token", ""), "no-token")
	c.SetDiskQuota(gz, 1)
	want(t, "no room", ask{action: "CreateDisks", region: gz, params: order(id, `,"ClientToken":"t"`)}.code(t, c), "InvalidParameterValue.LimitExceeded")
	c.SetDiskQuota(gz, -1)
	want(t, "room", ask{action: "CreateDisks", region: gz, params: order(id, `,"ClientToken":"t"`)}.code(t, c), "")
}

func TestAFreshDiskMayBeAbsentFromLists(t *testing.T) {
	bubble(t, sim.Options{Quirks: sim.Quirks{DiskLag: time.Minute}}, func(t *testing.T, c *sim.Cloud) {
		want(t, "made", ask{action: "CreateDisks", region: gz, params: order(c.AddSnapshot(sim.Snapshot{}), `,"ClientToken":"t"`)}.code(t, c), "")
		for _, total := range []float64{0, 1} {
			want(t, "listed", ask{action: "DescribeDisks", region: gz, params: "{}"}.send(t, c)["TotalCount"].(float64), total)
			time.Sleep(time.Minute)
		}
	})
}

func TestDiskMisuse(t *testing.T) {
	c := newCloud(sim.Options{})
	params := strings.Replace(order(c.AddSnapshot(sim.Snapshot{}), `,"ClientToken":"t","DiskChargePrepaid":{"Period":1}`), "POSTPAID_BY_HOUR", "PREPAID", 1)
	want(t, "prepaid", ask{action: "CreateDisks", region: gz, params: params}.code(t, c), "")
	marked := sim.Disk{State: "UNATTACHED", Name: "ferry-drill_snap-a_20261123T000000Z", Tags: map[string]string{"ferry:drill": "snap-a"}}
	want(t, "with its snapshots", terminate(t, c, c.AddDisk(marked), `,"DeleteSnapshot":0`), "")
	want(t, "complaints", kinds(c), "prepaid delete-snapshot")
	for _, tc := range []struct {
		kind   string
		change func(*sim.Disk)
	}{
		{"attached-disk", func(d *sim.Disk) { d.State = "ATTACHED" }},
		{"prepaid-disk", func(d *sim.Disk) { d.Charge = "PREPAID" }},
		{"unmarked-disk", func(d *sim.Disk) { d.Name = "ferry-drill_snap-b_20261123T000000Z" }},
		{"unmarked-disk", func(d *sim.Disk) { d.Tags = map[string]string{"ferry:drilled": "snap-a"} }},
		{"unmarked-disk", func(d *sim.Disk) { d.Name, d.Tags = "", nil }},
	} {
		d, before := marked, len(c.Complaints())
		tc.change(&d)
		terminate(t, c, c.AddDisk(d), "")
		want(t, tc.kind, strings.Join(c.Complaints()[before:], " ")[:len(tc.kind)], tc.kind)
	}
	for code, d := range map[string]sim.Disk{
		"ResourceUnavailable.Attached":     {},
		"InvalidDisk.NotPortable":          {Usage: "SYSTEM_DISK"},
		"ResourceUnavailable.RepeatRefund": {State: "TORECYCLE"},
	} {
		id := c.AddDisk(d)
		want(t, "refused", terminate(t, c, id, ""), code)
		want(t, "changed", c.ChangeDisk(gz, id, func(d *sim.Disk) { d.Usage, d.State = "DATA_DISK", "UNATTACHED" }), true)
		want(t, "let go", terminate(t, c, id, ""), "")
		want(t, "gone", c.RemoveDisk(gz, id), false)
	}
}

func TestOffers(t *testing.T) {
	c := newCloud(sim.Options{SoldOut: []string{gz + "-1", gz + "-2 CLOUD_SSD"}})
	r := cbs.NewDescribeDiskConfigQuotaRequest()
	r.InquiryType, r.DiskUsage = common.StringPtr("INQUIRY_CBS_CONFIG"), common.StringPtr("DATA_DISK")
	r.DiskChargeType = common.StringPtr("POSTPAID_BY_HOUR")
	res, err := client(t, c, gz).DescribeDiskConfigQuota(r)
	noError(t, err)
	want(t, "zones × types", len(res.Response.DiskConfigSet), 12)
	for _, o := range res.Response.DiskConfigSet {
		want(t, *o.Zone+" sells", *o.Available, *o.Zone != gz+"-1" && (*o.Zone != gz+"-2" || *o.DiskType != "CLOUD_SSD"))
		want(t, *o.DiskType+" is dear", *o.Price.UnitPriceDiscount > 0.01, *o.DiskType != "CLOUD_PREMIUM")
	}
	a := ask{action: "DescribeDiskConfigQuota", region: gz, params: `{"InquiryType":"INQUIRY_CBS_CONFIG","Zones":["` + sh + `-1"]}`}
	want(t, "zone elsewhere", a.code(t, c), "InvalidParameterValue")
	a.params = "{}"
	want(t, "no inquiry", a.code(t, c), "MissingParameter")
}
