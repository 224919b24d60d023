package tencent

import (
	"context"
	"fmt"
	"slices"

	"snapferry/internal/cloud"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

// anyRegion is sent if a service wants a region but its answer does not depend on
// it.
const anyRegion = "ap-guangzhou"

// Identity returns who the requests come from. Principal is "" if the service leaves
// it out.
func (c *Cloud) Identity(ctx context.Context) (cloud.Identity, error) {
	t := call{op: "query the account", region: anyRegion, named: true}
	a, err := do[struct{ AccountId, PrincipalId string }](ctx, c, t, func() tchttp.Request {
		return tchttp.NewCommonRequest("sts", "2018-08-13", "GetCallerIdentity")
	})
	if err != nil {
		return cloud.Identity{}, err
	}
	if a.AccountId == "" {
		return cloud.Identity{}, t.unclear("the answer has no AccountId")
	}
	return cloud.Identity{Account: a.AccountId, Principal: a.PrincipalId, SecretID: c.o.ID}, nil
}

// Regions returns the regions that have block storage and are open, sorted.
func (c *Cloud) Regions(ctx context.Context) ([]string, error) {
	t := call{op: "list regions"}
	a, err := do[regionList](ctx, c, t, generic("region", "2022-06-27", "DescribeRegions", parameters{"Product": "cbs"}))
	if err != nil {
		return nil, err
	}
	var open []string
	for _, r := range a.RegionSet {
		if r.Region != "" && r.RegionState == "AVAILABLE" {
			open = append(open, r.Region)
		}
	}
	slices.Sort(open)
	return slices.Compact(open), nil
}

type regionList struct {
	RegionSet []struct{ Region, RegionState string }
}

// ProfileCredentials reads the profile file of the vendor's tools:
// ~/.tencentcloud/credentials (or TENCENTCLOUD_CREDENTIALS_FILE), then
// ~/.tccli/default.credential of the command-line tool (or that of TCCLI_PROFILE).
// The SDK's default chain would also query a metadata host, without a timeout.
func ProfileCredentials() (id, key, token string, err error) {
	found, err := common.NewProviderChain([]common.Provider{
		common.DefaultProfileProvider(), common.DefaultTccliProfileProvider(),
	}).GetCredential()
	if err != nil {
		return "", "", "", fmt.Errorf("read the profile file of the vendor's tools: %w", err)
	}
	id, key, token = found.GetCredential()
	return id, key, token, nil
}
