package chatstream

import (
	"slices"
	"unicode/utf8"
)

// Ambiguous reports whether another decoder may read something else in the payload. That is
// so if a member with a field is repeated, or if a name in an Extra differs from the name of
// a member with a field only in case. Other decoders take the first of two members, merge
// them, or ignore case, as encoding/json does.
//
// A guardrail must not pass on the payload of an ambiguous chunk. It refuses the chunk, or
// calls [CreateChatCompletionData.Disambiguate] and passes on what AppendJSON writes.
//
// Ambiguous does not look into raw values, which [CreateChatCompletionData.Texts] yields
// whole. It costs nothing unless it is called.
func (c *CreateChatCompletionData) Ambiguous() bool { return c.isAmbiguous() }

// Disambiguate makes all decoders read the chunk as this package does. Of a repeated member
// it keeps the last one. From every Extra it removes the members whose names differ from the
// name of a member with a field only in case. Send on what AppendJSON writes afterwards.
func (c *CreateChatCompletionData) Disambiguate() { c.disambiguate() }

// isAmbiguous reports whether the members of one object can be read in two ways.
func isAmbiguous(kind *objectKind, repeated memberSet, extra []Member) bool {
	return repeated != 0 || slices.ContainsFunc(extra, func(m Member) bool { return kind.looksLike(m.Name) })
}

// disambiguate leaves one way to read the members of one object.
func disambiguate(kind *objectKind, repeated *memberSet, extra *Members) {
	*repeated = 0
	*extra = slices.DeleteFunc(*extra, func(m Member) bool { return kind.looksLike(m.Name) })
}

// looksLike reports whether the name differs from that of a member only in case.
func (k *objectKind) looksLike(name Text) bool {
	return !isLower(name) && slices.ContainsFunc(k.names, func(member string) bool {
		return len(name) >= len(member) && string(name) != member && equalFold(name, member)
	})
}

// isLower reports whether the name has only ASCII and no upper case letter, like nearly all
// names.
func isLower(name Text) bool {
	for _, c := range name {
		if c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// equalFold reports whether name equals member, ignoring case. Only two runes beyond ASCII
// fold to an ASCII letter: U+017F to s and U+212A to k.
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
