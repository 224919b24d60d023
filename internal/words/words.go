// Package words has the sentences that people read in Chinese.
//
// The program makes English sentences. The catalogue, zh/*.txt, has each of their
// forms with its Chinese one below it: the English form as it stands in the code,
// with the verbs of fmt for what varies, the Chinese one with {1} for the first of
// these.
//
// It promises:
//
//   - What no form knows stays as it is: ids, names, the vendor's messages.
//   - The outcomes' own words stay in sentences, and the names of settings stay.
//   - It costs nothing until the first Chinese text is asked for.
//
// A test holds the catalogue against the code.
package words

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed zh/*.txt
var files embed.FS

// In is an English text in a language: "zh", or as it is for any other. Every line is
// taken by itself.
func In(language, text string) string {
	if language != "zh" || text == "" {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		body := strings.TrimSpace(line)
		at := strings.Index(line, body)
		r := newReading(body)
		lines[i] = line[:at] + r.read(body).text + line[at+len(body):]
	}
	return strings.Join(lines, "\n")
}

// Say is a form of the catalogue with its values, in a language as In has it. "(s)" in
// the English form is the plural of the first value. It is for who knows the form: In
// finds it.
func Say(language, english string, values ...any) string {
	if language == "zh" {
		if chinese, ok := catalogue().chinese[english]; ok {
			slots := make([]string, len(values))
			for i, v := range values {
				slots[i] = fmt.Sprint(v)
			}
			return put(chinese, slots)
		}
	}
	plural := "s"
	if len(values) > 0 && values[0] == 1 {
		plural = ""
	}
	return fmt.Sprintf(strings.ReplaceAll(english, "(s)", plural), values...)
}

// forms is the catalogue: as it is, and made ready for searching: the sentences without
// slots, and those with some, which say most first.
type forms struct {
	chinese, exact map[string]string
	open           []*form
}

// catalogue is made when it is first needed: a function that speaks English never does.
var catalogue = sync.OnceValue(func() *forms {
	c := &forms{chinese: map[string]string{}, exact: map[string]string{}}
	for english, chinese := range entries() {
		c.chinese[english] = chinese
		if f := newForm(english, chinese); len(f.kinds) == 0 {
			c.exact[f.between[0]] = chinese
		} else {
			c.open = append(c.open, f)
		}
	}
	slices.SortStableFunc(c.open, func(a, b *form) int { return b.letters - a.letters })
	return c
})

// entries goes through the catalogue's files.
func entries() func(yield func(english, chinese string) bool) {
	return func(yield func(english, chinese string) bool) {
		all, err := files.ReadDir("zh")
		if err != nil {
			return // it is embedded
		}
		for _, file := range all {
			raw, _ := files.ReadFile("zh/" + file.Name())
			english := ""
			for line := range strings.SplitSeq(string(raw), "\n") {
				chinese, translated := strings.CutPrefix(line, "\t")
				if !translated {
					english = line
				} else if !yield(english, chinese) {
					return
				}
			}
		}
	}
}
