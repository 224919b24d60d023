package status

import (
	"strings"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/words"
)

// A language is "en" or "zh", as package words has it.
type language string

const (
	english language = "en"
	chinese language = "zh"
)

func (l language) other() language {
	if l == chinese {
		return english
	}
	return chinese
}

// tag is the language's name in HTML.
func (l language) tag() string {
	if l == chinese {
		return "zh-CN"
	}
	return "en"
}

// say is a text of the page, see words.Say.
func (l language) say(text string, args ...any) string {
	return words.Say(string(l), text, args...)
}

// age is a duration for people, in its two largest units.
func (l language) age(d time.Duration) string {
	minutes := int(max(d, 0).Minutes())
	var parts []string
	for i, n := range []int{minutes / (24 * 60), minutes / 60 % 24, minutes % 60} {
		if n > 0 || i == 2 && len(parts) == 0 {
			parts = append(parts, l.say([]string{"%dd", "%dh", "%dm"}[i], n))
		}
	}
	return strings.Join(parts[:min(len(parts), 2)], " ")
}

// verdict is the model in a sentence.
func (m *Model) verdict(l language) string {
	p := &m.Protection
	text := l.say("%d of %d disks are protected in all their regions", p.Protected, p.Disks)
	if p.Disks == 0 {
		text = l.say("No disk is in care")
	}
	var wrong []string
	for _, c := range []struct {
		text string
		n    int
	}{{"%d copying", p.Copying}, {"%d late", p.Late}, {"%d unprotected", p.Unprotected}} {
		if c.n > 0 {
			wrong = append(wrong, l.say(c.text, c.n))
		}
	}
	comma, semicolon := ", ", "; "
	if l == chinese {
		comma, semicolon = "，", "；"
	}
	if len(wrong) > 0 {
		text += semicolon + strings.Join(wrong, comma)
	}
	if len(m.Unseen) > 0 {
		var all []string
		for _, u := range m.Unseen {
			all = append(all, u.Region)
		}
		text += semicolon + l.say("%s could not be read", strings.Join(distinct(all), ", "))
	}
	return text
}

// meanings says what the states of a disk in one region mean.
var meanings = map[plan.Outcome]string{
	plan.Protected:   "The point in time of the newest proven replica is at most RPO (%s) old.",
	plan.Late:        "There is a proven replica, but it is older than RPO.",
	plan.Arriving:    "There is none yet. The first one is on its way and in time.",
	plan.Unprotected: "There is none, and none is on its way in time.",
	plan.GoneDisk:    "The disk does not exist any more. Its replicas are kept.",
}

func (l language) means(o plan.Outcome, rpo time.Duration) string {
	switch {
	case o != plan.Protected:
		return l.say(meanings[o])
	case rpo == 0:
		return l.say("There is a proven replica. RPO is switched off.")
	}
	return l.say(meanings[o], plan.InHours(rpo))
}
