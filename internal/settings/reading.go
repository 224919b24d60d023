package settings

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"snapferry/internal/cloud"
)

// reading is a Read in progress. Its methods note a mistake and continue, so
// that all mistakes are reported at once. If there is any mistake, the settings
// are discarded.
type reading struct {
	Settings
	mistakes Mistakes
	name     string // the variable being read
	hidden   bool   // messages must not show its value
	rpoSet   bool
}

// read reads one variable.
func (r *reading) read(v variable, raw string) {
	// A URL with user information may hold a password, in any variable.
	url := strings.Contains(raw, "//") && strings.Contains(raw, "@")
	r.name, r.hidden = v.Name, v.secret || url
	if !printable(raw) {
		r.refuse(raw, "has a line break, a control character or an unprintable character: use plain text on one line")
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

// refuse notes a mistake about a value. The message is the value and the reason,
// as in `"1x" is not a whole number`. If the value is hidden, it is the reason
// alone.
func (r *reading) refuse(value, why string, args ...any) {
	problem := fmt.Sprintf(why, args...)
	if !r.hidden {
		problem = quote(value) + " " + problem
	}
	r.note(problem)
}

// note notes a mistake whose message shows no value.
func (r *reading) note(problem string) {
	r.mistakes = append(r.mistakes, Mistake{r.name, problem})
}

// wrong reports whether a mistake about a variable was noted.
func (r *reading) wrong(name string) bool {
	return slices.ContainsFunc(r.mistakes, func(m Mistake) bool { return m.Variable == name })
}

// elements splits a list, trims its elements and drops duplicates. An empty
// element is a mistake: it comes from a variable that was never filled in.
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

// list reads elements of one form. why is the message about an element of
// another form.
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

// maxBad is how many bad elements of one list get a message of their own.
const maxBad = 5

// each notes a mistake for every element for which check returns a reason. check
// returns "" for a good element.
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
	}
	return int(n)
}

// word reads one of the given words; for any other it returns "".
func (r *reading) word(value string, words ...string) string {
	if !slices.Contains(words, value) {
		r.refuse(value, "is not one of %s", strings.Join(words, ", "))
		return ""
	}
	return value
}

func (r *reading) boolean(value string) bool {
	value = r.word(value, "true", "false", "1", "0")
	return value == "true" || value == "1"
}

func (r *reading) job(value string) cloud.Job {
	if !cloud.IsJob(value) {
		r.refuse(value, "is not one of %s", cloud.JobNames())
	}
	return cloud.Job(value)
}

// WithoutTargets lets Read accept an environment without TARGET_REGIONS, for commands
// that look at no region of snapshots.
func WithoutTargets(getenv func(string) string) func(string) string {
	return func(name string) string {
		if name == "TARGET_REGIONS" {
			return cmp.Or(getenv(name), "ap-unset")
		}
		return getenv(name)
	}
}
