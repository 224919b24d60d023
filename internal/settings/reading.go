package settings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"snapferry/internal/cloud"
)

// reading is a Read that has not ended yet. Its methods note a mistake and go
// on, so that all mistakes are told at once. The settings are thrown away if
// there is any.
type reading struct {
	Settings
	mistakes Mistakes
	name     string // the variable being read
	hidden   bool   // its value must not be shown
}

// read reads one variable.
func (r *reading) read(v variable, raw string) {
	// A URL with user information may hold a password, in any variable.
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

// refuse notes a mistake about a value. The message is the value and then why,
// as in `"1x" is not a whole number`, or why alone where the value is hidden.
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

// elements splits a list, trims its elements and drops doubles. An empty element
// is a mistake: a variable that was never filled in leaves one behind.
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

// list reads elements of one form. why is the message about each that has
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

// maxBad is how many bad elements of one list are told one by one.
const maxBad = 5

// each notes what check finds wrong with the elements of a list. check returns
// "" for a good element.
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

// word reads one of a few words; "" stands for any other.
func (r *reading) word(value string, words ...string) string {
	if !slices.Contains(words, value) {
		r.refuse(value, "is not one of %s", strings.Join(words, ", "))
		return ""
	}
	return value
}

func (r *reading) truth(value string) bool {
	value = r.word(value, "true", "false", "1", "0")
	return value == "true" || value == "1"
}

func (r *reading) job(value string) cloud.Job {
	if !cloud.IsJob(value) {
		r.refuse(value, "is not one of %s", cloud.JobNames())
	}
	return cloud.Job(value)
}
