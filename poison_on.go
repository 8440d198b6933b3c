//go:build chatstream_poison

package chatstream

import "unicode/utf8"

// poisoned tells that borrowed memory is overwritten as it expires.
const poisoned = true

// poison is what expired memory holds: no ASCII, and no valid UTF-8.
const poison = 0xDB

// expire overwrites borrowed memory whose life has ended, so that whoever still
// reads it sees that at once.
func expire(b []byte) {
	for i := range b {
		b[i] = poison
	}
}

// renew ends the life of the texts that a parser unescaped from one payload, and
// returns new memory for those of the next. It is so large that it never grows, so
// that none of it escapes the poison.
func renew(text []byte, payload int) []byte {
	expire(text[:cap(text)])
	return make([]byte, 0, utf8.UTFMax*payload)
}

// lastChunk has the unescaped texts of the chunk that a Decoder gave last.
type lastChunk struct{ text []byte }

func (l *lastChunk) set(c *CreateChatCompletionData) { l.text = c.parser.text[:cap(c.parser.text)] }

func (l *lastChunk) expire() { expire(l.text) }

// idView is what the last event had of the last event ID, which does not expire itself.
type idView struct{ id []byte }

func (v *idView) of(id []byte) []byte {
	v.id = append([]byte(nil), id...)
	return v.id
}

func (v *idView) expire() { expire(v.id) }
