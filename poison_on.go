//go:build chatstream_poison

package chatstream

import (
	"bytes"
	"unicode/utf8"
)

// poisoned tells that borrowed memory is overwritten as it expires.
const poisoned = true

// poison is what expired memory holds: no ASCII, and no valid UTF-8.
const poison = 0xDB

// expire overwrites borrowed memory that has expired, so that code which still reads it
// fails at once.
func expire(b []byte) {
	for i := range b {
		b[i] = poison
	}
}

// renew expires the texts that a parser unescaped from one payload, and returns memory for
// the texts of the next. The memory is large enough never to grow, because memory that was
// left behind by growing would not be poisoned.
func renew(text []byte, payload int) []byte {
	expire(text[:cap(text)])
	return make([]byte, 0, utf8.UTFMax*payload)
}

// lastChunk has the unescaped texts of the chunk that a Decoder returned last.
type lastChunk struct{ text []byte }

func (l *lastChunk) set(c *CreateChatCompletionData) { l.text = c.parser.text[:cap(c.parser.text)] }

func (l *lastChunk) expire() { expire(l.text) }

// idView is the copy of the last event ID that the last event got. The ID itself does not
// expire.
type idView struct{ id []byte }

func (v *idView) of(id []byte) []byte {
	if !bytes.Equal(v.id, id) {
		v.id = bytes.Clone(id)
	}
	return v.id
}

func (v *idView) expire() {
	expire(v.id)
	v.id = nil
}
