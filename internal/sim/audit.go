package sim

import (
	"encoding/json"
	"regexp"
	"strings"
)

// A Delivery is an event that a rule has taken, on its way to a function.
type Delivery struct {
	Rule     string // its name
	Function string // as AddFunction was told: region/namespace/name
	Event    []byte
}

// isWrite tells whether CloudAudit sends an action to the bus. Reads are not sent
// (documented).
func isWrite(action string) bool {
	return !regexp.MustCompile(`^(Describe|List|Get|Check)`).MatchString(action)
}

// audit gives the record of a call to the rules of the bus that takes them. body and
// answer are the call's JSON.
func (c *Cloud) audit(q *query, service string, answer []byte, ref *refusal) {
	if c.opt.Deliver == nil || !isWrite(q.action) {
		return
	}
	for _, b := range c.regions[cloudBusRegion].buses {
		if b.Type != "Cloud" || len(b.rules) == 0 {
			continue
		}
		event := encode(c.auditEvent(q, service, answer, ref))
		var fields map[string]any
		if err := json.Unmarshal(event, &fields); err != nil {
			panic("sim: the event is no object") // a mistake in this package
		}
		for _, r := range b.rules {
			if p, bad := readPattern(r.Pattern); r.Enabled && bad == nil && p.fits(fields) {
				c.queue(r, event)
			}
		}
	}
}

// queue notes an event for each function among a rule's targets.
func (c *Cloud) queue(r *rule, event []byte) {
	for _, t := range r.targets {
		f, isFunction := readFunction(t.Resource)
		if !isFunction {
			continue
		}
		if t.Batch.EnableBatchDelivery {
			event = []byte(`{"EventList":[` + string(event) + `]}`)
		}
		c.undelivered = append(c.undelivered, Delivery{Rule: r.Name, Function: f.region + "/" + f.name, Event: event})
	}
}

// deliver passes events on. The lock must not be held: Deliver may call the Cloud.
func (c *Cloud) deliver() {
	if c.opt.Deliver == nil {
		return
	}
	c.mu.Lock()
	list := c.undelivered
	c.undelivered = nil
	c.mu.Unlock()
	for _, d := range list {
		c.opt.Deliver(d)
	}
}

// auditEvent is the documented form of the event of a call. UNK: whether the product
// of CBS is cbs or cvm; both are in the vendor's lists.
func (c *Cloud) auditEvent(q *query, service string, answer []byte, ref *refusal) map[string]any {
	region := ""
	if q.region != nil {
		region = q.region.name
	}
	code, text := "", ""
	if ref != nil {
		code, text = ref.Code, ref.Message
	}
	id := c.ids.request()
	response := strings.TrimSuffix(strings.TrimPrefix(string(answer), `{"Response":`), "}")
	return map[string]any{
		"specversion": "1.0", "id": id, "source": service + ".cloud.tencent", "type": service + ":CloudEvent:ApiCall",
		"subject": "qcs::" + service + ":" + region + ":uin/" + c.opt.Account + ":", "time": q.now.UnixMilli(), "region": region,
		"datacontenttype": "application/json;charset=utf-8", "tags": nil,
		"data": map[string]any{
			"eventName": q.action, "eventRegion": region, "eventTime": q.now.Unix(), "eventType": "ApiCall", "actionType": "Write",
			"eventSource": service + ".tencentcloudapi.com", "resourceType": service, "resourceName": "", "httpMethod": "POST",
			"errorCode": 0, "apiErrorCode": code, "apiErrorMessage": text, "requestID": id, "apiVersion": "3.0",
			"requestParameters": string(q.body), "responseElements": response,
			"userIdentity": map[string]any{
				"accountId": c.opt.Account, "principalId": q.key.Account, "secretId": q.key.ID, "type": "CAMUser", "userName": q.key.Account,
			},
		},
	}
}
