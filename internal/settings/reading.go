package settings

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	// The platform's machines need not have a time zone database, and without
	// one every zone but UTC is a mistake there. It adds 450 KB to the binary.
	_ "time/tzdata"

	"snapferry/internal/cloud"
)

// reading is a Read under way. The methods that parse a value note what is wrong
// and go on, since the other mistakes are wanted too: with one, none is used.
type reading struct {
	Settings
	mistakes Mistakes
	wrong    map[string]bool // variables with a mistake
	name     string          // the variable being read
	hidden   bool            // its value must not be shown
}

// read takes one variable from its raw value.
func (r *reading) read(v variable, raw string) {
	// A URL with user information may hold a password, wherever it was put.
	url := strings.Contains(raw, "//") && strings.Contains(raw, "@")
	r.name, r.hidden = v.Name, v.secret || url
	if !printable(raw) {
		r.refuse(raw, "has a line break, a control character or an unprintable one in it: use plain text on one line")
		return
	}
	value := strings.Trim(raw, " ")
	switch {
	case value != "":
		v.parse(r, value)
	case v.fallback != "":
		v.parse(r, v.fallback)
	case v.required:
		r.note("is not set: name the regions to copy to, such as ap-beijing,ap-chengdu")
	}
}

// refuse notes a mistake about a value: why goes on after it, as in
// `"1x" is not a whole number`, or stands alone where the value is hidden.
func (r *reading) refuse(value, why string, args ...any) {
	problem := fmt.Sprintf(why, args...)
	if !r.hidden {
		problem = quote(value) + " " + problem
	}
	r.note(problem)
}

// note notes a mistake that shows no value.
func (r *reading) note(problem string) {
	r.mistakes = append(r.mistakes, Mistake{r.name, problem})
	if r.wrong == nil {
		r.wrong = map[string]bool{}
	}
	r.wrong[r.name] = true
}

// maxBad is how many bad elements of one list are told; the first few explain
// the rest, and the whole error is one line.
const maxBad = 5

// elements splits a list, trims its elements and drops doubles. An empty
// element is a mistake: it is what a variable that was never filled in leaves
// behind.
func (r *reading) elements(value string) []string {
	var out []string
	seen := map[string]bool{}
	for part := range strings.SplitSeq(value, ",") {
		part = strings.Trim(part, " ")
		if part == "" {
			r.refuse(value, "has an empty element: separate elements by single commas")
			return nil
		}
		if !seen[part] {
			seen[part] = true
			out = append(out, part)
		}
	}
	return out
}

// list reads elements of one form; why is said of each that has another.
func (r *reading) list(value string, valid func(string) bool, why string) []string {
	all := r.elements(value)
	r.each(all, func(e string) string {
		if valid(e) {
			return ""
		}
		return why
	})
	return all
}

// each notes what check finds wrong with the elements of a list; check returns
// "" for a good one.
func (r *reading) each(elements []string, check func(string) string) {
	bad := 0
	for _, e := range elements {
		why := check(e)
		if why == "" {
			continue
		}
		if bad++; bad <= maxBad {
			r.refuse(e, "%s", why)
		}
	}
	if bad > maxBad {
		r.note(fmt.Sprintf("has %d more elements like these", bad-maxBad))
	}
}

// whole reads a whole number from 1 to most.
func (r *reading) whole(value string, most int) int {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil || n < 1 || n > uint64(most) {
		r.refuse(value, "is not a whole number from 1 to %d", most)
		return 0
	}
	return int(n)
}

func (r *reading) duration(value string, zero bool) time.Duration {
	d, err := ParseDuration(value)
	switch {
	case err != nil:
		r.refuse(value, "is %v", err)
	case d == 0 && !zero:
		r.refuse(value, "is not more than 0: a duration such as 72h, 3d or 2w is wanted")
	}
	return d
}

// word reads one of a few words.
func (r *reading) word(value string, words ...string) string {
	if !slices.Contains(words, value) {
		r.refuse(value, "is not one of %s", strings.Join(words, ", "))
		return ""
	}
	return value
}

func (r *reading) job(value string) cloud.Job {
	if !cloud.IsJob(value) {
		r.refuse(value, "is not one of %s", cloud.JobNames())
	}
	return cloud.Job(value)
}

func (r *reading) truth(value string) bool {
	value = r.word(value, "true", "false", "1", "0")
	return value == "true" || value == "1"
}

func (r *reading) level(value string) slog.Level {
	var level slog.Level
	if r.word(value, "debug", "info", "warn", "error") != "" {
		_ = level.UnmarshalText([]byte(value)) // knows these four
	}
	return level
}

func (r *reading) zone(value string) *time.Location {
	const want = "is not a time zone such as Asia/Shanghai or UTC"
	if value == "Local" {
		// What local means on the platform's machines is nobody's choice.
		r.refuse(value, want)
		return nil
	}
	location, err := time.LoadLocation(value)
	if err != nil {
		r.refuse(value, want)
		return nil
	}
	return location
}
