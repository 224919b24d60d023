package storm

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A deployment is what one operator has chosen: the settings as the function reads
// them, and once more as the checks do. It is not changed once it is drawn.
type deployment struct {
	env              map[string]string
	sources, targets []string
	timeout, maxAge  time.Duration
	rpo              time.Duration // 0: no alarm for points that are too old
	rate             int
	selected         string   // "key=value" of SELECT_TAGS; "" selects all
	only             []string // SELECT_DISKS; nil: all
	accounts         []string // SHARE_ACCOUNTS
	rules            []rule
	zone             *time.Location
}

// drawDeployment draws what the operator has chosen.
func (w *world) drawDeployment(d draw) {
	p := &w.deployment
	p.env["SOURCE_REGIONS"] = strings.Join(p.sources, ",")
	p.env["TARGET_REGIONS"] = strings.Join(p.targets, ",")
	usual := (w.cloud.CopyTime + w.cloud.CopySpread + w.cloud.CheckTime) * 5 / 4
	p.timeout = (usual + d.between(20*time.Minute, 3*time.Hour)).Truncate(time.Minute)
	p.env["COPY_TIMEOUT"] = p.timeout.String()
	p.drawAges(d)
	p.rate = 20
	if d.chance(0.4) || w.large {
		p.rate = d.upTo(1, 6)
		p.env["API_RATE"] = strconv.Itoa(p.rate)
	}
	if d.chance(0.2) {
		p.selected = "env=" + oneOf(d, "prod", "*")
		p.env["SELECT_TAGS"] = p.selected
	}
	p.env["DELETE_LIMIT"] = strconv.Itoa(oneOf(d, 50, 50, 5))
	zone := oneOf(d, "Asia/Shanghai", "UTC", "America/New_York")
	p.env["TIME_ZONE"], p.zone = zone, zones[zone]
	if d.chance(0.75) {
		p.drawRules(d)
	}
	if d.chance(0.4) {
		p.accounts = []string{friend}
		p.env["SHARE_ACCOUNTS"] = friend
	}
	maps.Copy(p.env, secrets)
	p.env["LOG_LEVEL"] = oneOf(d, "debug", "info")
}

// drawAges draws how old a point may be to be copied, and to protect a disk.
func (p *deployment) drawAges(d draw) {
	p.maxAge = oneOf(d, 72*time.Hour, 36*time.Hour, 20*time.Hour, 0)
	p.env["MAX_AGE"] = p.maxAge.String()
	delete(p.env, "RPO")
	if p.rpo = p.maxAge; p.rpo == 0 {
		p.rpo = 72 * time.Hour
	}
	if d.chance(0.6) {
		p.rpo = oneOf(d, 6*time.Hour, 12*time.Hour, 24*time.Hour, 0)
		p.env["RPO"] = p.rpo.String()
	}
}

// other is a deployment with other rules. It may leave out a target region or go to
// another one.
func (p deployment) other(d draw) *deployment {
	p.env, p.rules = maps.Clone(p.env), nil
	for name := range periods {
		delete(p.env, name)
	}
	delete(p.env, "KEEP_WITHIN")
	p.drawAges(d)
	if d.chance(0.85) {
		p.drawRules(d)
	}
	if to := somewhere[d.IntN(len(somewhere))]; d.chance(0.3) && !slices.Contains(p.sources, to) && !slices.Contains(p.targets, to) {
		p.targets = append(slices.Clone(p.targets[1:]), to)
		p.env["TARGET_REGIONS"] = strings.Join(p.targets, ",")
	}
	return &p
}

// Accounts that replicas get shared with: one may be in SHARE_ACCOUNTS, one is not.
const (
	friend   = "100000000008"
	stranger = "100000000009"
)

const (
	webhookKey = "the-webhooks-key"
	pageToken  = "the-pages-token"
)

// secrets are settings that nobody may read in what the function says.
var secrets = map[string]string{
	"NOTIFY_URL":   "https://hooks.example.com/send?key=" + webhookKey,
	"STATUS_TOKEN": pageToken,
}

// zones are the time zones drawn, without daylight saving: the year of a
// bubble begins in January, and a storm takes days.
var zones = map[string]*time.Location{
	"Asia/Shanghai":    time.FixedZone("CST", 8*60*60),
	"UTC":              time.UTC,
	"America/New_York": time.FixedZone("EST", -5*60*60),
}
