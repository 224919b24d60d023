package status

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"snapferry/internal/plan"
)

// A language is a place in each entry of labels.
type language int

const (
	english language = iota
	chinese
)

// languageOf reads the beginning of a language's name or of an Accept-Language
// header. It is English unless that says Chinese.
func languageOf(s string) language {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(s)), "zh") {
		return chinese
	}
	return english
}

func (l language) other() language { return 1 - l }
func (l language) name() string    { return [...]string{"en", "zh"}[l] }
func (l language) tag() string     { return [...]string{"en", "zh-CN"}[l] }

// say is a text of the page in one language. "(s)" is the plural of the first
// argument.
func (l language) say(key string, args ...any) string {
	text := labels[key][l]
	plural := "s"
	if len(args) > 0 && args[0] == 1 {
		plural = ""
	}
	return fmt.Sprintf(strings.ReplaceAll(text, "(s)", plural), args...)
}

// age is a duration for people, in its two largest units.
func (l language) age(d time.Duration) string {
	unit := [...][3]string{{"d", "h", "m"}, {"天", "小时", "分"}}[l]
	minutes := int(max(d, 0).Minutes())
	var parts []string
	for i, n := range []int{minutes / (24 * 60), minutes / 60 % 24, minutes % 60} {
		if n > 0 || i == 2 && len(parts) == 0 {
			parts = append(parts, strconv.Itoa(n)+unit[i])
		}
	}
	return strings.Join(parts[:min(len(parts), 2)], " ")
}

// verdict is the model in a sentence.
func (m *Model) verdict(l language) string {
	p := &m.Protection
	text := l.say("verdict", p.Protected, p.Disks)
	if p.Disks == 0 {
		text = l.say("verdict none")
	}
	var wrong []string
	for _, c := range []struct {
		state plan.Outcome
		n     int
	}{{plan.Arriving, p.Copying}, {plan.Late, p.Late}, {plan.Unprotected, p.Unprotected}} {
		if c.n > 0 {
			wrong = append(wrong, l.say("verdict state", c.n, l.say(string(c.state))))
		}
	}
	parts := []string{text}
	if len(wrong) > 0 {
		parts = append(parts, strings.Join(wrong, l.say("comma")))
	}
	if len(m.Unseen) > 0 {
		parts = append(parts, l.say("verdict unseen", m.unseenRegions()))
	}
	return strings.Join(parts, l.say("semicolon"))
}

func (m *Model) unseenRegions() string {
	var all []string
	for _, u := range m.Unseen {
		all = append(all, u.Region)
	}
	return strings.Join(distinct(all), ", ")
}

// labels are the fixed texts of the page in English and Chinese. Reasons and warnings are
// made by others, and have their Chinese in the package words.
var labels = map[string][2]string{
	"comma":     {", ", "，"},
	"semicolon": {"; ", "；"},

	"protected":   {"protected", "已保护"},
	"late":        {"late", "滞后"},
	"copying":     {"copying", "复制中"},
	"unprotected": {"unprotected", "未保护"},
	"gone":        {"gone", "已不存在"},
	"means protected": {
		"The point in time of the newest proven replica is at most RPO (%s) old.",
		"最新一份已验证副本的时间点不早于 RPO（%s）。",
	},
	"means protected always": {"There is a proven replica. RPO is switched off.", "有一份已验证的副本。RPO 已关闭。"},
	"means late":             {"There is a proven replica, but it is older than RPO.", "有已验证的副本，但早于 RPO。"},
	"means copying":          {"There is none yet. The first one is on its way and in time.", "尚无副本，第一份正在按时复制。"},
	"means unprotected":      {"There is none, and none is on its way in time.", "没有副本，也没有按时到达的副本。"},
	"means gone":             {"The disk does not exist any more. Its replicas are kept.", "云硬盘已不存在，副本仍保留。"},

	"verdict":        {"%d of %d disks are protected in all their regions", "%[2]d 块云硬盘中有 %[1]d 块在其所有目标地域受保护"},
	"verdict none":   {"No disk is in care", "没有需要保护的云硬盘"},
	"verdict state":  {"%d %s", "%d 块%s"},
	"verdict unseen": {"%s could not be read", "%s 无法读取"},
	"title":          {"Protection of disks", "云硬盘保护状态"},
	"other language": {"中文", "English"},
	"looked":         {"Looked at", "查看时间"},
	"old look":       {"This look is old. Open the page again, or run “snapferry status”.", "此结果已陈旧。请重新打开页面，或运行 “snapferry status”。"},
	"unseen":         {"could not be read, so nothing new is known of it:", "无法读取，其最新状态未知："},
	"meanings":       {"What the words mean", "名词含义"},

	"show more": {"%d more", "另外 %d 项"},

	"lost h":       {"If a region is lost now", "如果现在失去一个地域"},
	"lost none":    {"Nothing is known to come back: no disk in care has a region to be copied to.", "没有可恢复的内容：没有云硬盘有可用的目标地域。"},
	"lost back":    {"of %d disk(s) come back", "/ %d 块云硬盘可恢复"},
	"lost median":  {"half of them are from this time or newer", "其中一半恢复到此时间点或更新"},
	"lost oldest":  {"the oldest is from", "其中最旧的恢复到"},
	"lost nothing": {"No disk is lost.", "没有云硬盘丢失。"},
	"lost disks":   {"%d disk(s) lost:", "丢失 %d 块云硬盘："},
	"lost more":    {"and %d more", "以及另外 %d 块"},

	"matrix h":    {"Disks and regions", "云硬盘与地域"},
	"matrix p":    {"The worst first. Each cell has the state, and the age and time of the newest proven point.", "最差的在前。每格显示状态，以及最新已验证时间点的时长和时间。"},
	"matrix none": {"There is no disk in care. Check SOURCE_REGIONS, SELECT_TAGS and SELECT_DISKS.", "没有需要保护的云硬盘。请检查 SOURCE_REGIONS、SELECT_TAGS 和 SELECT_DISKS。"},
	"matrix more": {"%d more disk(s) are not on this page. The CSV and JSON have all.", "另有 %d 块云硬盘未在本页显示，CSV 和 JSON 中有全部内容。"},
	"filter":      {"Filter by name, id, machine or region", "按名称、ID、实例或地域筛选"},
	"all":         {"all", "全部"},
	"rest":        {"Show the others too", "显示其余云硬盘"},
	"count":       {"{n} of {m} disks", "{n} / {m} 块云硬盘"},
	"disk":        {"Disk", "云硬盘"},
	"from":        {"From", "源地域"},
	"no target":   {"no target", "无目标地域"},
	"no to":       {"no usable target region", "没有可用的目标地域"},

	"machines h":    {"Machines", "实例"},
	"machines p":    {"The newest moment of which all disks of a machine have a proven point, within one minute.", "一台实例的所有云硬盘都有已验证副本（相差不超过一分钟）的最新时刻。"},
	"machines none": {"No machine is known: the disks in care are not attached, or their region could not be read.", "没有已知的实例：云硬盘未挂载，或其地域无法读取。"},
	"machines more": {"%d more machine(s) are not on this page. The JSON has all.", "另有 %d 台实例未在本页显示，JSON 中有全部内容。"},
	"region":        {"Region", "地域"},
	"no common":     {"no common point", "没有共同时间点"},

	"wrong h":    {"What is not protected, and why", "哪些未受保护，以及原因"},
	"wrong none": {"No disk that could be seen is late or unprotected.", "在可见的云硬盘中，没有滞后或未保护的。"},
	"wrong more": {"%d more disk(s) are not on this list. The CSV has all reasons.", "另有 %d 块云硬盘未列出，CSV 中有全部原因。"},
	"warnings":   {"Warnings", "警告"},

	"copies h":    {"Copies under way", "正在进行的复制"},
	"copies none": {"No copy is under way.", "没有正在进行的复制。"},
	"copies more": {"%d more are not on this page. The JSON has all.", "另有 %d 个复制未在本页显示，JSON 中有全部内容。"},
	"since":       {"since", "开始于"},
	"progress":    {"progress unknown", "进度未知"},

	"quota h":    {"Snapshot quota", "快照配额"},
	"quota none": {"No quota could be read.", "无法读取配额。"},
	"quota used": {"%d of %d used, %d free", "已用 %d / %d，剩余 %d"},
	"quota full": {"full on", "用满日期"},
	"quota now":  {"It is full: raise the quota, or keep fewer replicas.", "已用满：请提高配额，或减少保留的副本。"},
	"quota over": {"It holds more than the usual quota: its quota was raised, or nothing more can be copied there.", "已超过通常的配额：配额已提高，或无法再复制到该地域。"},
	"quota calm": {"It will not be full soon.", "近期不会用满。"},

	"drills h":     {"Restore drills", "恢复演练"},
	"drills never": {"none of its replicas was restored for a test", "现有副本均未做过恢复演练"},
	"drills old":   {"nothing was restored for a test in the last 45 days", "最近 45 天内没有做过恢复演练"},
	"overdue":      {"overdue", "已逾期"},
	"week":         {"Week", "周"},
	"replica":      {"Replica", "副本"},

	"keep h":      {"What is kept", "保留规则"},
	"keep p":      {"Each dot is a point that a rule keeps, for each disk and region. What any rule keeps stays.", "每个圆点是某条规则为每块云硬盘在每个地域保留的时间点。任一规则保留的都会保留。"},
	"keep none":   {"There is no keep rule: every replica stays.", "没有保留规则：所有副本都会保留。"},
	"keep last":   {"the newest %d", "最新 %d 个"},
	"keep hourly": {"the newest of each of %d hour(s)", "最近 %d 个小时，每小时最新一个"},
	"keep daily":  {"the newest of each of %d day(s)", "最近 %d 天，每天最新一个"},
	"keep weekly": {"the newest of each of %d week(s)", "最近 %d 周，每周最新一个"},
	"keep monthly": {
		"the newest of each of %d month(s)", "最近 %d 个月，每月最新一个",
	},
	"keep yearly":     {"the newest of each of %d year(s)", "最近 %d 年，每年最新一个"},
	"keep within":     {"all of the last %s", "最近 %s 内的全部"},
	"keep drawn":      {"Drawn for one snapshot a day.", "按每天一个快照绘制。"},
	"keep drawn hour": {"Drawn for one snapshot an hour.", "按每小时一个快照绘制。"},

	"look h":        {"This look", "本次查看"},
	"look version":  {"Version", "版本"},
	"look commit":   {"Commit", "提交"},
	"look contract": {"Contract", "契约版本"},
	"look at":       {"Looked at", "查看时间"},
	"look took":     {"It took", "耗时"},
	"look calls":    {"API calls", "API 调用次数"},
	"look from":     {"Source regions", "源地域"},
	"look to":       {"Target regions", "目标地域"},
	"look zone":     {"Times are in", "时间所用时区"},
	"off":           {"off", "关闭"},
	"seconds":       {"%.1f seconds", "%.1f 秒"},
	"now":           {"now", "现在"},
	"hour":          {"1 hour", "1 小时"},
	"day":           {"1 day", "1 天"},
	"week ago":      {"1 week", "1 周"},
	"month":         {"1 month", "1 个月"},
	"year":          {"1 year", "1 年"},
	"decade":        {"10 years", "10 年"},
}
