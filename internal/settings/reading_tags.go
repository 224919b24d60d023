package settings

import (
	"fmt"
	"strings"
)

// tags reads SELECT_TAGS.
func (r *reading) tags(value string) []Tag {
	var out []Tag
	values := map[string]string{}
	r.each(r.elements(value), func(e string) string {
		tag, why := parseTag(e)
		if why != "" {
			return why
		}
		before, twice := values[tag.Key]
		if twice && before != tag.Value {
			return "asks for another value of a key already asked for: no tag has both"
		}
		if !twice {
			values[tag.Key] = tag.Value
			out = append(out, tag)
		}
		return ""
	})
	return out
}

// parseTag reads key=value, or says why it can't.
func parseTag(s string) (tag Tag, why string) {
	key, value, found := strings.Cut(s, "=")
	tag = Tag{strings.Trim(key, " "), strings.Trim(value, " ")}
	switch {
	case !found || tag.Key == "":
		return tag, "is not key=value, or key=* for any value"
	case tag.Value == "":
		return tag, "has no value: write key=value, or key=* for any value"
	case len(tag.Key) > maxKey || len(tag.Value) > maxValue:
		return tag, fmt.Sprintf("is longer than a tag can be: %d bytes for the key, %d for the value", maxKey, maxValue)
	}
	return tag, ""
}

// reserved begin the tag keys that are ours or the service's own. Copied to a
// replica, ours would say things of it that are not so.
var reserved = []string{"ferry:", "qcs:", "project", "tencent"}

// copyTags reads COPY_TAGS.
func (r *reading) copyTags(value string) []string {
	keys := r.list(value, isCopyable, fmt.Sprintf("is not a tag key of at most %d bytes that begins with none of %s",
		maxKey, strings.Join(reserved, ", ")))
	for _, key := range keys {
		if key == Any && len(keys) > 1 {
			r.refuse(value, "has * beside other keys: write * alone for all of them, or the keys")
			return nil
		}
	}
	return keys
}

func isCopyable(key string) bool {
	for _, prefix := range reserved {
		if strings.HasPrefix(key, prefix) {
			return false
		}
	}
	return len(key) <= maxKey
}

// accounts reads SHARE_ACCOUNTS.
func (r *reading) accounts(value string) []string {
	ids := r.list(value, isAccount, "is not an account id such as 100000000001: digits only")
	if len(ids) > maxAccounts {
		r.note(fmt.Sprintf("has %d accounts: a snapshot can be shared with at most %d", len(ids), maxAccounts))
		return nil
	}
	return ids
}
