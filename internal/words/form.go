package words

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A form is one entry of the catalogue with slots.
type form struct {
	between []string // the English text around the slots, one piece more than slots
	kinds   []byte   // of each slot: the verb
	letters int      // in between
	longest string   // of between
	chinese string
}

// verbs are those that the code uses.
const verbs = "sdqvtwf"

func newForm(english, chinese string) *form {
	f := &form{chinese: chinese}
	var piece strings.Builder
	for i := 0; i < len(english); i++ {
		if english[i] != '%' {
			piece.WriteByte(english[i])
			continue
		}
		end := i + 1
		for end < len(english) && strings.IndexByte("-+#.0123456789", english[end]) >= 0 {
			end++
		}
		switch {
		case end < len(english) && strings.IndexByte(verbs, english[end]) >= 0:
			f.between, f.kinds = append(f.between, piece.String()), append(f.kinds, english[end])
			piece.Reset()
			i = end
		case end < len(english) && english[end] == '%':
			piece.WriteByte('%')
			i = end
		default: // a plain text with the sign in it
			piece.WriteByte('%')
		}
	}
	f.between = append(f.between, piece.String())
	for _, p := range f.between {
		if len(p) > len(f.longest) {
			f.longest = p
		}
		for _, c := range p {
			if unicode.IsLetter(c) {
				f.letters++
			}
		}
	}
	return f
}

// match calls try with the slots of each way in which the form takes the text, until
// try has had enough.
func (f *form) match(text string, try func(slots []string) (enough bool)) {
	last := f.between[len(f.between)-1]
	if !strings.Contains(text, f.longest) || !strings.HasPrefix(text, f.between[0]) || !strings.HasSuffix(text, last) || len(text) < len(f.between[0])+len(last) {
		return
	}
	f.fill(text[len(f.between[0]):len(text)-len(last)], nil, try)
}

// fill takes the slots one after the other.
func (f *form) fill(rest string, slots []string, try func([]string) bool) (enough bool) {
	n := len(slots)
	if n == len(f.kinds)-1 {
		return fits(f.kinds[n], rest) && try(append(slots, rest))
	}
	next := f.between[n+1]
	for at := 0; at <= len(rest); at++ {
		if next != "" {
			step := strings.Index(rest[at:], next)
			if step < 0 {
				return false
			}
			at += step
		}
		if next == "" && !separates(rest, at) || !fits(f.kinds[n], rest[:at]) {
			continue
		}
		if f.fill(rest[at+len(next):], append(slots[:n:n], rest[:at]), try) {
			return true
		}
	}
	return false
}

// separates reports whether one slot may end and the next begin at a place, with nothing
// between them: one of them is empty, or there is a separator.
func separates(text string, at int) bool {
	return at == 0 || at == len(text) || strings.IndexByte(";:,(", text[at]) >= 0
}

// holds reports whether a slot may hold a text that no form knows: a name of one word,
// or anything between two marks.
func (f *form) holds(slot int, text string) bool {
	before, after := strings.TrimRight(f.between[slot], " "), f.between[slot+1]
	return !strings.Contains(strings.TrimSpace(text), " ") ||
		(before == "" || strings.IndexByte(":;,(", before[len(before)-1]) >= 0) && (after == "" || strings.IndexByte(":;,)", after[0]) >= 0)
}

// fits reports whether a slot may hold a text.
func fits(kind byte, slot string) bool {
	switch kind {
	case 'd', 'f':
		_, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(slot), ",", ""), 64)
		return err == nil
	case 't':
		return slot == "true" || slot == "false"
	case 'q':
		return len(slot) >= 2 && (slot[0] == '"' && slot[len(slot)-1] == '"' || slot[0] == '`')
	}
	return true
}

// put puts slots into a Chinese text, with a blank between Chinese and other letters and
// none between two Chinese ones.
func put(chinese string, slots []string) string {
	done := ""
	for chinese != "" {
		before, after, found := strings.Cut(chinese, "{")
		done += beside(done, before)
		if !found {
			break
		}
		number, rest, _ := strings.Cut(after, "}")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(slots) {
			done, chinese = done+"{", after
			continue
		}
		if slot := slots[n-1]; slot != "" {
			if before, ok := strings.CutSuffix(done, " "); ok && isChinese(lastOf(before)) && isChinese(firstOf(slot)) {
				done = before
			}
			done += beside(done, slot)
		}
		chinese = rest
	}
	return done
}

// beside is what follows a text, with the blank that belongs between them.
func beside(text, next string) string {
	last, first := lastOf(text), firstOf(next)
	switch {
	case text == "" || next == "":
	case isChinese(last) && first == ' ' && isChinese(firstOf(strings.TrimPrefix(next, " "))):
		return strings.TrimPrefix(next, " ")
	case isPlain(last) && unicode.Is(unicode.Han, first), unicode.Is(unicode.Han, last) && isPlain(first):
		return " " + next
	}
	return next
}

// isPlain reports whether a character needs a blank beside a Chinese one.
func isPlain(c rune) bool { return c < utf8.RuneSelf && (unicode.IsLetter(c) || unicode.IsDigit(c)) }

func firstOf(s string) rune { c, _ := utf8.DecodeRuneInString(s); return c }
func lastOf(s string) rune  { c, _ := utf8.DecodeLastRuneInString(s); return c }

// isChinese reports whether a character needs no blank beside it.
func isChinese(c rune) bool {
	return unicode.Is(unicode.Han, c) || c >= 0x3000 && c <= 0x303f || c >= 0xff00 && c <= 0xffef
}
