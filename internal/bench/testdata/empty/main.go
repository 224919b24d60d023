// Command empty is a function that does nothing and links what snapferry links
// of the vendor: the least that a start can cost.
package main

import (
	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	tag "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/tag/v20180813"
	"github.com/tencentyun/scf-go-lib/cloudfunction"
)

func main() {
	cloudfunction.Start(func() (string, error) {
		credential, region := common.NewCredential("", ""), "ap-guangzhou"
		disks, err := cbs.NewClient(credential, region, profile.NewClientProfile())
		if err != nil {
			return "", err
		}
		tags, err := tag.NewClient(credential, region, profile.NewClientProfile())
		if err != nil {
			return "", err
		}
		return disks.GetRegion() + tags.GetRegion(), nil
	})
}
