package subject

import (
	"bufio"
	"bytes"
	"io"
)

// maxLine is above every line of the workloads: 64 KiB, bufio's own limit, is not.
const maxLine = 64 << 20

var (
	fieldData = []byte("data:")
	donePiece = []byte("[DONE]")
)

// eachLine is the loop that every other tutorial shows: a line, its prefix cut
// off, one call for its payload. buf is used again, so that a stream does not
// have to pay for it.
func eachLine(r io.Reader, buf []byte, payload func([]byte)) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(buf, maxLine)
	for sc.Scan() {
		data, ok := bytes.CutPrefix(sc.Bytes(), fieldData)
		if !ok {
			continue
		}
		if len(data) > 0 && data[0] == ' ' {
			data = data[1:]
		}
		if bytes.Equal(data, donePiece) {
			return nil
		}
		payload(data)
	}
	return sc.Err()
}

// jsonLines decodes into a Chunk with a function like encoding/json's.
type jsonLines struct {
	unmarshal func([]byte, any) error
	buf       []byte
	chunk     Chunk
	tally     Tally
	answer    *Answer
	each      func([]byte) // its own payload method, bound once
}

// lines is the subject of a JSON library below a loop over lines.
func lines(name, module string, unmarshal func([]byte, any) error) *Subject {
	make := func() *jsonLines {
		j := &jsonLines{unmarshal: unmarshal, buf: make([]byte, 64<<10)}
		j.each = j.payload
		return j
	}
	return &Subject{
		Name:       name,
		Module:     module,
		Not:        "unknown members; absent and null are the same",
		NewStream:  func() Stream { return make() },
		NewPayload: func() Payload { return make() },
		NewPushed:  func(int) Fleet { return &pushedLines{unmarshal: unmarshal} },
		NewPulled:  func(n int) Fleet { return newPulledLines(unmarshal, n) },
	}
}

// payload decodes one payload. The struct is the same one each time, emptied: the
// decoders are spared its allocation.
func (j *jsonLines) payload(data []byte) {
	j.chunk = Chunk{}
	if err := j.unmarshal(data, &j.chunk); err != nil {
		j.tally.Refused++
		return
	}
	j.tally.Chunks++
	if j.answer != nil {
		j.chunk.tell(j.answer)
	}
}

func (j *jsonLines) Decode(r io.Reader, a *Answer) (Tally, error) {
	j.tally, j.answer = Tally{}, a
	err := eachLine(r, j.buf, j.each)
	return j.tally, err
}

func (j *jsonLines) Unmarshal(payloads [][]byte, a *Answer) Tally {
	j.tally, j.answer = Tally{}, a
	for _, p := range payloads {
		j.payload(p)
	}
	return j.tally
}
