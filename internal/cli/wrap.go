package cli

import (
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
)

// wrap breaks a text into lines of at most width columns: at blanks, and beside Chinese
// characters, which have none.
func wrap(s string, width int) string {
	if strings.IndexFunc(s, isWide) < 0 {
		return text.WrapSoft(s, width)
	}
	var out, line strings.Builder
	used := 0
	for _, word := range pieces(s) {
		w := text.StringWidthWithoutEscSequences(strings.TrimRight(word, " "))
		if used > 0 && used+w > width {
			out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
			line.Reset()
			used = 0
		}
		for used == 0 && w > width { // nothing in it can be broken
			head := text.Trim(word, width)
			out.WriteString(head + "\n")
			word = strings.TrimPrefix(word, head)
			w = text.StringWidthWithoutEscSequences(word)
		}
		line.WriteString(word)
		used += text.StringWidthWithoutEscSequences(word)
	}
	return out.String() + strings.TrimRight(line.String(), " ")
}

// pieces cuts a text where a line may end.
func pieces(s string) []string {
	var all []string
	begin := 0
	runes := []rune(s)
	for i := 1; i < len(runes); i++ {
		before, after := runes[i-1], runes[i]
		if after == ' ' || strings.ContainsRune(neverFirst, after) || strings.ContainsRune(neverLast, before) {
			continue
		}
		if before == ' ' || isWide(before) || isWide(after) {
			all = append(all, string(runes[begin:i]))
			begin = i
		}
	}
	return append(all, string(runes[begin:]))
}

// Marks that do not begin or end a line.
const (
	neverFirst = "，。；：、！？）》”％%,.;:)"
	neverLast  = "（《“("
)

// isWide reports whether a character takes two columns.
func isWide(c rune) bool {
	return unicode.Is(unicode.Han, c) || c >= 0x3000 && c <= 0x303f || c >= 0xff00 && c <= 0xff60
}
