package sim

// version is the only version that a service is served in.
func version(service string) string {
	switch service {
	case "cbs":
		return "2017-03-12"
	case "eb":
		return "2021-04-16"
	case "region":
		return "2022-06-27"
	}
	return "2018-08-13" // tag and sts
}

// findAction returns an API. Names are unique over the services. This is no map:
// a map would be filled at the start of every program that contains the simulator.
func findAction(name string) (a action, ok bool) {
	switch name {
	case "DescribeSnapshots":
		a = api("cbs", (*Cloud).describeSnapshots)
	case "CopySnapshotCrossRegions":
		a = api("cbs", (*Cloud).copySnapshotCrossRegions)
	case "DeleteSnapshots":
		a = api("cbs", (*Cloud).deleteSnapshots)
	case "CreateSnapshot":
		a = api("cbs", (*Cloud).createSnapshot)
	case "CreateSnapshotGroup":
		a = api("cbs", (*Cloud).createSnapshotGroup)
	case "DescribeSnapshotGroups":
		a = api("cbs", (*Cloud).describeSnapshotGroups)
	case "ModifySnapshotAttribute":
		a = api("cbs", (*Cloud).modifySnapshotAttribute)
	case "ModifySnapshotsSharePermission":
		a = api("cbs", (*Cloud).modifySnapshotsSharePermission)
	case "DescribeSnapshotSharePermission":
		a = api("cbs", (*Cloud).describeSnapshotSharePermission)
	case "DescribeSnapshotOverview":
		a = api("cbs", (*Cloud).describeSnapshotOverview)
	case "DescribeDisks":
		a = api("cbs", (*Cloud).describeDisks)
	case "DescribeDiskConfigQuota":
		a = api("cbs", (*Cloud).describeDiskConfigQuota)
	case "CreateDisks":
		a = api("cbs", (*Cloud).createDisks)
	case "TerminateDisks":
		a = api("cbs", (*Cloud).terminateDisks)
	case "ListEventBuses":
		a = api("eb", (*Cloud).listEventBuses)
	case "ListRules":
		a = api("eb", (*Cloud).listRules)
	case "CreateRule":
		a = api("eb", (*Cloud).createRule)
	case "UpdateRule":
		a = api("eb", (*Cloud).updateRule)
	case "CheckRule":
		a = api("eb", (*Cloud).checkRule)
	case "ListTargets":
		a = api("eb", (*Cloud).listTargets)
	case "CreateTarget":
		a = api("eb", (*Cloud).createTarget)
	case "TagResources":
		a = api("tag", (*Cloud).tagResources)
	case "GetCallerIdentity":
		a = api("sts", (*Cloud).getCallerIdentity)
	case "DescribeRegions":
		a = api("region", (*Cloud).describeRegions)
	}
	return a, a.run != nil
}
