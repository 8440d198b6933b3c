package main

import (
	"encoding/binary"
	"fmt"
)

// begins returns the condition that w has the beginning of the text.
func begins(text string) string {
	if len(text) >= 8 {
		return fmt.Sprintf("w == %#x", littleEndian([]byte(text)))
	}
	var bytes, mask [8]byte
	for i := range copy(bytes[:], text) {
		mask[i] = 0xFF
	}
	return fmt.Sprintf("w&%#x == %#x", littleEndian(mask[:]), littleEndian(bytes[:]))
}

// goesOn returns the condition that a text of more than eight bytes stands at i, where its
// beginning was compared.
func goesOn(text string) string {
	return fmt.Sprintf("i+%d <= len(b)", len(text)) + equalWords("i", text)
}

// stands returns the condition that the text stands at i, where w has the first bytes.
func stands(text string) string {
	if len(text) <= 8 {
		return begins(text)
	}
	return begins(text) + " && " + goesOn(text)
}

// usualValue returns the condition that a member's usual value stands at v.
func usualValue(m member) string {
	return fmt.Sprintf("v+%d <= len(b) && %s", len(m.usual), equalText("v", m.usual))
}

// equalWords returns the rest of the condition that the text stands at the index in
// the variable, for what follows its first eight bytes. The last word that is compared
// may have bytes of the one before it.
func equalWords(variable, text string) (condition string) {
	for at := 8; at < len(text); at += 8 {
		from := min(at, len(text)-8)
		condition += fmt.Sprintf(" && jsonwire.Load64(b, %s+%d) == %#x", variable, from, littleEndian([]byte(text[from:])))
	}
	return condition
}

// equalText returns the condition that the text stands at the index in the variable. A
// short text is compared as a string, since a load could read past the end.
func equalText(variable, text string) string {
	if len(text) < 8 {
		return fmt.Sprintf("string(b[%s:%s+%d]) == %q", variable, variable, len(text), text)
	}
	return fmt.Sprintf("jsonwire.Load64(b, %s) == %#x%s", variable, littleEndian([]byte(text)), equalWords(variable, text))
}

func littleEndian(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
