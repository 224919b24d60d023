package cloud

import "strings"

// packedLetters is how many letters fit into eight bytes, six bits each. The
// ids seen so far have eight after their prefix.
const packedLetters = 10

// letters are what ids are made of, in the order of their bytes.
const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// PackID packs an id of at most ten letters or digits after its prefix into
// eight bytes, whose four highest bits are zero; false for any other text.
// Packed ids compare as their texts do, and none is zero.
func PackID(prefix, id string) (packed uint64, ok bool) {
	rest, ok := strings.CutPrefix(id, prefix)
	if !ok || rest == "" || len(rest) > packedLetters {
		return 0, false
	}
	for i := range packedLetters {
		c := uint64(0)
		if i < len(rest) {
			switch b := rest[i]; {
			case b >= '0' && b <= '9':
				c = uint64(b-'0') + 1
			case b >= 'A' && b <= 'Z':
				c = uint64(b-'A') + 11
			case b >= 'a' && b <= 'z':
				c = uint64(b-'a') + 37
			default:
				return 0, false
			}
		}
		packed = packed<<6 | c
	}
	return packed, true
}

// UnpackID returns the id that PackID packed.
func UnpackID(prefix string, packed uint64) string {
	text := make([]byte, 0, 32)
	text = append(text, prefix...)
	for shift := 6 * (packedLetters - 1); shift >= 0; shift -= 6 {
		if c := packed >> shift & 63; c != 0 {
			text = append(text, letters[c-1])
		}
	}
	return string(text)
}
