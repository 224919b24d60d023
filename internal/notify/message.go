package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"snapferry/internal/plan"
	"snapferry/internal/words"
)

const (
	maxTitle = 160 // bytes
	// maxLine lets a title and a line fit into every form, also if the form makes
	// five characters of each.
	maxLine = 600
	// maxLines is more than any robot takes.
	maxLines = 400
)

// A message is a digest on its way to a form.
type message struct {
	*digest
	language string
	zone     *time.Location
	secret   string // for the signature; "" for none
	at       time.Time
}

// in is a text in the language of the message.
func (m *message) in(text string) string { return words.In(m.language, text) }

// words are the title and the first lines of the message; more is how many follow.
// The title begins with the product's name, which can be the keyword of a DingTalk or
// Feishu robot.
func (m *message) words() (title string, lines []string, more int) {
	title = cut(oneLine(m.in(fmt.Sprintf("snapferry %s: %s", m.job, m.verdict))), maxTitle)
	wrong := len(m.newlyWrong)
	all := slices.Concat(m.newlyWrong, m.again)
	for i := range all[:min(len(all), maxLines)] {
		begin := ""
		if i >= wrong {
			begin = m.in("well again:")
			if m.language != "zh" {
				begin += " "
			}
		}
		lines = append(lines, m.line(&all[i], begin))
	}
	return title, lines, len(all) - len(lines)
}

// line says what is wrong, where, since when, and what to do.
func (m *message) line(it *item, begin string) string {
	what := string(it.Kind) + " " + string(it.Outcome)
	if it.Kind == plan.KindProtect {
		what = string(it.Outcome)
	}
	where := it.From + " → " + it.To
	if it.From == "" || it.To == "" {
		where = it.From + it.To
	}
	parts := []string{begin + oneLine(strings.Join([]string{what, it.Disk, it.Snapshot, it.Replica, where}, " "))}
	add := func(word string, at time.Time) {
		if !at.IsZero() {
			parts = append(parts, word+" "+at.In(cmp.Or(m.zone, time.UTC)).Format("2006-01-02 15:04 -07:00"))
		}
	}
	add(m.in("point"), it.Point)
	add(m.in("wrong since"), it.since)
	return cut(strings.Join(append(parts, m.in(oneLine(it.Reason))), " · "), maxLine)
}

// oneLine is text without line breaks and invisible characters.
func oneLine(text string) string {
	text = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(text), " ")
}

// cut shortens a text to a number of bytes.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	most -= len("…")
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
