package words

// Entries goes through the catalogue.
func Entries() func(yield func(english, chinese string) bool) { return entries() }

// Slots are the verbs of an English form.
func Slots(english string) []byte { return newForm(english, "").kinds }

// EnglishWords counts what a Chinese reader should not see.
func EnglishWords(text string) int { return englishWords(text) }
