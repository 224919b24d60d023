package words

import (
	"slices"
	"strings"
	"unicode"
)

// A reading finds the forms of one text. A text may be made of several, one inside
// another or joined by separators; of all ways the one is taken that leaves the
// fewest English words.
type reading struct {
	exact map[string]string
	forms []*form // that may take it or a part of it, those that say most first
	known map[string]reached
}

// newReading leaves out the forms whose longest piece is not in the text. Few remain.
func newReading(text string) *reading {
	c := catalogue()
	r := &reading{exact: c.exact, known: map[string]reached{}}
	for _, f := range c.open {
		if strings.Contains(text, f.longest) {
			r.forms = append(r.forms, f)
		}
	}
	return r
}

// reached is a text as far as it is translated; left are its English words.
type reached struct {
	text string
	left int
}

// separators join texts, and what joins them in Chinese.
var (
	sentences  = []separator{{"; ", "；"}}
	separators = []separator{{"; ", "；"}, {": ", "："}, {", ", "，"}, {" · ", " · "}, {" (", "（"}}
)

type separator struct{ english, chinese string }

func (r *reading) read(text string) reached {
	if known, ok := r.known[text]; ok {
		return known
	}
	best := reached{text, englishWords(text)}
	r.known[text] = best // for a form that finds itself inside
	switch chinese, ok := r.exact[text]; {
	case ok && best.left > 0: // an outcome stays, though it has a Chinese word for Say
		best = reached{chinese, 0}
	case best.left > 0:
		if whole := r.split(text, best, sentences); whole.left == 0 {
			best = whole
			break
		}
		best = r.around(text, r.split(text, r.form(text, best), separators))
	case !strings.ContainsAny(text, "\"`{"):
		best.text = listed(text)
	}
	r.known[text] = best
	return best
}

// listed is a text in which no word is English, with the marks of Chinese: of a list, those
// between single words, such as regions, or those between parts of a sentence.
func listed(text string) string {
	parts := strings.Split(strings.ReplaceAll(text, ": ", "："), ", ")
	if slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(part, " ") }) {
		return strings.Join(parts, "，")
	}
	return strings.Join(parts, "、")
}

// few is how many letters a form must have to take a text that is not wholly known.
const few = 5

// form tries the forms that take the whole text, those that say most first.
func (r *reading) form(text string, best reached) reached {
	for _, f := range r.forms {
		if best.left == 0 {
			break
		}
		f.match(text, func(slots []string) bool {
			done, left := make([]string, len(slots)), 0
			for i, slot := range slots {
				if f.kinds[i] == 'q' { // what somebody else wrote
					done[i] = slot
					continue
				}
				one := r.slot(slot)
				done[i], left = one.text, left+one.left
				if (one.left > 0 || strings.Contains(slot, "; ") || strings.Contains(slot, ": ")) && !f.holds(i, slot) {
					return false
				}
			}
			if left < best.left && (left == 0 || f.letters >= few) {
				best = reached{put(f.chinese, done), left}
			}
			return left == 0
		})
	}
	return best
}

// slot reads what stands in a slot.
func (r *reading) slot(text string) reached {
	if text = strings.TrimSpace(text); text == "" {
		return reached{}
	}
	return r.read(text)
}

// split tries the text as two that are joined.
func (r *reading) split(text string, best reached, by []separator) reached {
	for _, s := range by {
		for from := 0; best.left > 0; {
			next := strings.Index(text[from:], s.english)
			if next < 0 {
				break
			}
			at := from + next
			from = at + 1
			right, end := text[at+len(s.english):], ""
			if s.english == " (" {
				if !strings.HasSuffix(text, ")") {
					break
				}
				right, end = strings.TrimSuffix(right, ")"), "）"
			}
			a, b := r.slot(text[:at]), r.slot(right)
			if a.left+b.left < best.left {
				best = reached{a.text + s.chinese + b.text + end, a.left + b.left}
			}
		}
	}
	return best
}

// around tries the text without a mark at its beginning or end.
func (r *reading) around(text string, best reached) reached {
	for _, mark := range []struct{ english, chinese string }{{";", "；"}, {":", "："}, {",", "，"}} {
		if rest, ok := strings.CutPrefix(text, mark.english+" "); ok {
			if inner := r.slot(rest); inner.left < best.left {
				best = reached{mark.chinese + inner.text, inner.left}
			}
		}
		if rest, ok := strings.CutSuffix(text, mark.english); ok {
			if inner := r.slot(rest); inner.left < best.left {
				best = reached{inner.text + mark.chinese, inner.left}
			}
		}
	}
	return best
}

// kept are words that stay in every language: the outcomes, the jobs, and what stands
// in settings and events.
const kept = " started exists waiting unknown deferred ineligible skipped ignored failed planned verified copying stuck unexpected mismatch missing unproven created updated ok warning" +
	" protected late unprotected gone deleted kept restored pending cleaned manual snapferry default true false" +
	" copy verify retain drill status plan check restore subscribe policy invoke demo simulate version completion tccli terraform "

// englishWords counts the words of a text that a Chinese reader should not see.
func englishWords(text string) int {
	n := 0
	for word := range strings.FieldsSeq(text) {
		word = strings.Trim(word, `.,;:()"'`)
		if len(word) < 2 || strings.Contains(kept, " "+word+" ") {
			continue
		}
		if strings.IndexFunc(word[1:], func(c rune) bool { return !unicode.IsLower(c) && c != '\'' }) < 0 && unicode.IsLetter(rune(word[0])) {
			n++
		}
	}
	return n
}
