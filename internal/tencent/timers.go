package tencent

import (
	"context"

	"snapferry/internal/cloud"

	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

// mostTriggers is more than a function may have.
const mostTriggers = 100

type triggerList struct {
	Triggers []struct {
		TriggerName, Type, TriggerDesc, CustomArgument string
		Enable                                         int
	}
}

// Timers returns the timers of a function of the default namespace. The package of the
// SDK would be needed for this request alone, so it is a generic one.
func (c *Cloud) Timers(ctx context.Context, region, function string) ([]cloud.Timer, error) {
	t := call{op: "list the triggers of function " + function, region: region}
	a, err := do[triggerList](ctx, c, t, func() tchttp.Request {
		r := tchttp.NewCommonRequest("scf", "2018-04-16", "ListTriggers")
		// The error is of JSON that can't be parsed; a map needs no parsing.
		_ = r.SetActionParameters(map[string]any{"FunctionName": function, "Namespace": "default", "Limit": mostTriggers})
		return r
	})
	if err != nil {
		return nil, err
	}
	var timers []cloud.Timer
	for _, row := range a.Triggers {
		if row.Type == "timer" {
			timers = append(timers, cloud.Timer{Name: row.TriggerName, Cron: row.TriggerDesc, Argument: row.CustomArgument, Enabled: row.Enable == 1})
		}
	}
	return timers, nil
}
