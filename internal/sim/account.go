package sim

type callerIdentity struct{ Arn, AccountId, UserId, PrincipalId, Type string }

func (c *Cloud) getCallerIdentity(q *query, _ *struct{}) (any, *refusal) {
	who := callerIdentity{
		Arn:       "qcs::cam::uin/" + c.opt.Account + ":uin/" + q.key.Account,
		AccountId: c.opt.Account, UserId: q.key.Account, PrincipalId: q.key.Account, Type: "CAMUser",
	}
	if q.key.Token != "" { // UNK: how exactly a role shows itself
		who.Arn = "qcs::sts::uin/" + c.opt.Account + ":assumed-role/" + q.key.Account
		who.UserId += ":" + q.key.ID
		who.Type = "CAMRole"
	}
	return who, nil
}

type describeRegionsParams struct {
	Product string `api:"required"`
	Scene   ignored
}

type regionRow struct {
	Region, RegionName, RegionState                    string
	RegionTypeMC, LocationMC, RegionNameMC, RegionIdMC *string
}

func (c *Cloud) describeRegions(*query, *describeRegionsParams) (any, *refusal) {
	rows := make([]regionRow, 0, len(c.names))
	for i, id := range c.names {
		row := regionRow{Region: id, RegionName: id, RegionState: "AVAILABLE"}
		if i < len(knownRegions) { // they come first
			row.RegionName = knownRegions[i].name
		}
		rows = append(rows, row)
	}
	return listed("RegionSet", len(rows), rows), nil
}
