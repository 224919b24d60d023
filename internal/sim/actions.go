package sim

// version is the only version that a service is served in.
func version(service string) string {
	switch service {
	case "cbs":
		return "2017-03-12"
	case "eb":
		return "2021-04-16"
	case "scf":
		return "2018-04-16"
	case "cam":
		return "2019-01-16"
	case "monitor":
		return "2018-07-24"
	case "region":
		return "2022-06-27"
	}
	return "2018-08-13" // tag and sts
}

// allActions are the APIs served. Names are unique over the services. Each Cloud
// has a table of its own, so that a program without a Cloud pays for none.
func allActions() map[string]action {
	return map[string]action{
		"DescribeSnapshots":               api("cbs", (*Cloud).describeSnapshots),
		"CopySnapshotCrossRegions":        api("cbs", (*Cloud).copySnapshotCrossRegions),
		"DeleteSnapshots":                 api("cbs", (*Cloud).deleteSnapshots),
		"CreateSnapshot":                  api("cbs", (*Cloud).createSnapshot),
		"CreateSnapshotGroup":             api("cbs", (*Cloud).createSnapshotGroup),
		"DescribeSnapshotGroups":          api("cbs", (*Cloud).describeSnapshotGroups),
		"ModifySnapshotAttribute":         api("cbs", (*Cloud).modifySnapshotAttribute),
		"ModifySnapshotsSharePermission":  api("cbs", (*Cloud).modifySnapshotsSharePermission),
		"DescribeSnapshotSharePermission": api("cbs", (*Cloud).describeSnapshotSharePermission),
		"DescribeSnapshotOverview":        api("cbs", (*Cloud).describeSnapshotOverview),
		"DescribeDisks":                   api("cbs", (*Cloud).describeDisks),
		"DescribeDiskConfigQuota":         api("cbs", (*Cloud).describeDiskConfigQuota),
		"CreateDisks":                     api("cbs", (*Cloud).createDisks),
		"TerminateDisks":                  api("cbs", (*Cloud).terminateDisks),
		"ListEventBuses":                  api("eb", (*Cloud).listEventBuses),
		"ListRules":                       api("eb", (*Cloud).listRules),
		"CreateRule":                      api("eb", (*Cloud).createRule),
		"UpdateRule":                      api("eb", (*Cloud).updateRule),
		"CheckRule":                       api("eb", (*Cloud).checkRule),
		"GetRule":                         api("eb", (*Cloud).getRule),
		"DeleteRule":                      api("eb", (*Cloud).deleteRule),
		"DeleteTarget":                    api("eb", (*Cloud).deleteTarget),
		"ListTargets":                     api("eb", (*Cloud).listTargets),
		"CreateTarget":                    api("eb", (*Cloud).createTarget),
		"ListTriggers":                    api("scf", (*Cloud).listTriggers),
		"GetFunction":                     api("scf", (*Cloud).getFunction),
		"GetRole":                         api("cam", (*Cloud).getRole),
		"ListAttachedRolePolicies":        api("cam", (*Cloud).listAttachedRolePolicies),
		"GetPolicy":                       api("cam", (*Cloud).getPolicy),
		"DescribeAlarmPolicies":           api("monitor", (*Cloud).describeAlarmPolicies),
		"TagResources":                    api("tag", (*Cloud).tagResources),
		"GetCallerIdentity":               api("sts", (*Cloud).getCallerIdentity),
		"DescribeRegions":                 api("region", (*Cloud).describeRegions),
	}
}
