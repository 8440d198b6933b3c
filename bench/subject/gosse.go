package subject

import (
	"io"

	"github.com/bytedance/sonic"
	"github.com/tmaxmax/go-sse"
)

// goSSE is a real event-stream parser above the fastest JSON: what a careful
// author puts together today.
func goSSE() *Subject {
	return &Subject{
		Name:      "go-sse + sonic fastest",
		Module:    "github.com/tmaxmax/go-sse",
		Not:       "unknown members; absent and null are the same",
		NewStream: func() Stream { return new(sseSonic) },
	}
}

type sseSonic struct{ chunk Chunk }

func (s *sseSonic) Decode(r io.Reader, a *Answer) (t Tally, err error) {
	for event, err := range sse.Read(r, &sse.ReadConfig{MaxEventSize: maxLine}) {
		if err != nil {
			return t, err
		}
		if event.Data == "[DONE]" {
			return t, nil
		}
		if event.Data == "" {
			continue
		}
		s.chunk = Chunk{}
		// The event owns its text, so sonic need not copy it.
		if sonic.ConfigFastest.UnmarshalFromString(event.Data, &s.chunk) != nil {
			t.Refused++
			continue
		}
		t.Chunks++
		if a != nil {
			s.chunk.tell(a)
		}
	}
	return t, nil
}
