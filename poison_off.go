//go:build !chatstream_poison

package chatstream

// poisoned tells that borrowed memory is overwritten as it expires. Build with the
// tag chatstream_poison to find uses after that in your own tests.
const poisoned = false

// expire marks borrowed memory as expired.
func expire([]byte) {}

// renew returns the memory for a payload's unescaped texts.
func renew(text []byte, payload int) []byte { return text[:0] }

// lastChunk is empty without the tag.
type lastChunk struct{}

func (lastChunk) set(*CreateChatCompletionData) {}

func (lastChunk) expire() {}

// idView is empty without the tag.
type idView struct{}

func (idView) of(id []byte) []byte { return id }

func (idView) expire() {}
