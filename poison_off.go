//go:build !chatstream_poison

package chatstream

// poisoned tells that borrowed memory is overwritten as it expires. Build with the
// tag chatstream_poison to find uses after that in your own tests.
const poisoned = false

// expire ends the life of borrowed memory.
func expire([]byte) {}

// renew returns the memory for a payload's unescaped texts.
func renew(text []byte, payload int) []byte { return text[:0] }

// lastChunk would know the chunk that a Decoder gave last.
type lastChunk struct{}

func (lastChunk) set(*CreateChatCompletionData) {}

func (lastChunk) expire() {}

// idView would know what the last event had of the last event ID.
type idView struct{}

func (idView) of(id []byte) []byte { return id }

func (idView) expire() {}
