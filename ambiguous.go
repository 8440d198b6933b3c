package chatstream

import (
	"slices"
	"unicode/utf8"
)

// Ambiguous reports whether another reader of the payload may read something else in
// it: whether a member with a field stands there twice, or an Extra has a name that
// equals that of a member but for case. Other decoders take the first of two members,
// merge them, or ignore the case of names, as encoding/json does.
//
// A guardrail must not pass on the payload of such a chunk. It refuses the chunk, or
// calls [CreateChatCompletionData.Disambiguate] and passes on what AppendJSON writes.
//
// Ambiguous does not look into raw values: Texts yields them whole. It costs nothing
// unless it is called.
func (c *CreateChatCompletionData) Ambiguous() bool { return c.isAmbiguous() }

// Disambiguate leaves one reading of the chunk, the one that its fields have: of a
// member that was repeated the last, and none of the members of an Extra whose name
// equals that of a member but for case. What AppendJSON writes then is read alike by
// all.
func (c *CreateChatCompletionData) Disambiguate() { c.disambiguate() }

// isAmbiguous reports whether the members of one object are.
func isAmbiguous(kind *objectKind, repeated memberSet, extra []Member) bool {
	return repeated != 0 || slices.ContainsFunc(extra, func(m Member) bool { return kind.looksLike(m.Name) })
}

// disambiguate leaves one reading of the members of one object.
func disambiguate(kind *objectKind, repeated *memberSet, extra *Members) {
	*repeated = 0
	*extra = slices.DeleteFunc(*extra, func(m Member) bool { return kind.looksLike(m.Name) })
}

// looksLike reports whether a member has the name but for case.
func (k *objectKind) looksLike(name Text) bool {
	return !isLower(name) && slices.ContainsFunc(k.names, func(member string) bool {
		return len(name) >= len(member) && string(name) != member && equalFold(name, member)
	})
}

// isLower reports whether the name has neither an upper case letter nor anything but ASCII,
// as the names of nearly all members.
func isLower(name Text) bool {
	for _, c := range name {
		if c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// equalFold reports whether the name equals that of a member but for case. Of the
// runes beyond ASCII only two fold to an ASCII letter: U+017F to s and U+212A to k.
func equalFold(name Text, member string) bool {
	i := 0
	for _, want := range []byte(member) {
		n := 1
		switch rest := name[i:]; {
		case len(rest) == 0:
			return false
		case rest[0]|0x20 == want && 'a' <= want && want <= 'z', rest[0] == want:
		case want == 's' && hasPrefix(rest, "\u017F"):
			n = len("\u017F")
		case want == 'k' && hasPrefix(rest, "\u212A"):
			n = len("\u212A")
		default:
			return false
		}
		i += n
	}
	return i == len(name)
}

func hasPrefix(name Text, prefix string) bool {
	return len(name) >= len(prefix) && string(name[:len(prefix)]) == prefix
}
