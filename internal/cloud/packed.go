package cloud

import "strings"

// packedLetters is how many letters fit into eight bytes, with six bits each.
// Known ids have eight letters after their prefix.
const packedLetters = 10

// letters are the characters of ids, in byte order.
const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// PackID packs an id of at most ten letters or digits after its prefix into
// eight bytes. The four highest bits are zero. For any other text ok is false.
// Packed ids have the same order as their texts. No packed id is zero.
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
