package sim

func (c *Cloud) getCallerIdentity(q *query) ([]byte, *refusal) {
	if ref := read(q.body); ref != nil {
		return nil, ref
	}
	who := struct{ Arn, AccountId, UserId, PrincipalId, Type string }{
		Arn:       "qcs::cam::uin/" + c.opt.Account + ":uin/" + q.key.Account,
		AccountId: c.opt.Account, UserId: q.key.Account, PrincipalId: q.key.Account, Type: "CAMUser",
	}
	if q.key.Token != "" { // UNK: how exactly a role shows itself
		who.Arn = "qcs::sts::uin/" + c.opt.Account + ":assumed-role/" + q.key.Account
		who.UserId += ":" + q.key.ID
		who.Type = "CAMRole"
	}
	return fields(who), nil
}

type regionRow struct {
	Region, RegionName, RegionState string
	RegionTypeMC, LocationMC        *string
	RegionNameMC, RegionIdMC        *string
}

func (c *Cloud) describeRegions(q *query) ([]byte, *refusal) {
	var product string
	var scene ignored
	if ref := read(q.body, param{"Product", &product}, param{"Scene", &scene}); ref != nil {
		return nil, ref
	}
	if product == "" {
		return nil, missing("Product")
	}
	titles := map[string]string{}
	for _, r := range knownRegions {
		titles[r.id] = r.name
	}
	rows := make([]regionRow, 0, len(c.names))
	for _, name := range c.names {
		title := titles[name]
		orString(&title, name)
		rows = append(rows, regionRow{Region: name, RegionName: title, RegionState: "AVAILABLE"})
	}
	return fields(struct {
		TotalCount int
		RegionSet  []regionRow
	}{len(rows), rows}), nil
}
