package bench

import (
	"fmt"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// Reference is what one subject reads in a workload: what the others are held to.
type Reference struct {
	work     *workload.Workload
	streams  []reading
	payloads []reading
}

// reading is what was read in one stream or payload.
type reading struct {
	tally  subject.Tally
	answer subject.Answer
}

// NewReference reads w with s.
func NewReference(w *workload.Workload, s *subject.Subject) (*Reference, error) {
	ref := &Reference{work: w}
	var err error
	if ref.streams, err = readStreams(w, s); err != nil {
		return nil, err
	}
	ref.payloads = readPayloads(w, s)
	return ref, nil
}

// Agree checks that s reads what the reference read: as many chunks, and the same
// text, finish reasons, calls and counts in them, stream by stream and payload by
// payload. One in which either gave errors is left out: the tables count those
// chunks.
func (ref *Reference) Agree(s *subject.Subject) error {
	if s.NewStream != nil {
		got, err := readStreams(ref.work, s)
		if err == nil {
			err = same(got, ref.streams, s.Blind)
		}
		if err != nil {
			return fmt.Errorf("%s, %s, whole path: %w", ref.work.Name, s.Name, err)
		}
	}
	if s.NewPayload != nil {
		if err := same(readPayloads(ref.work, s), ref.payloads, s.Blind); err != nil {
			return fmt.Errorf("%s, %s, payloads: %w", ref.work.Name, s.Name, err)
		}
	}
	return nil
}

func readStreams(w *workload.Workload, s *subject.Subject) ([]reading, error) {
	list := make([]reading, len(w.Streams))
	runner := NewStreamRunner(w, s)
	for i := range list {
		var err error
		list[i].tally, err = runner.one(i, &list[i].answer)
		if err != nil {
			return nil, fmt.Errorf("stream %d: %w", i, err)
		}
	}
	return list, nil
}

func readPayloads(w *workload.Workload, s *subject.Subject) []reading {
	list := make([]reading, len(w.Payloads))
	decoder := s.NewPayload()
	for i := range list {
		list[i].tally = decoder.Unmarshal(w.Payloads[i:i+1], &list[i].answer)
	}
	return list
}

func same(got, want []reading, blind []subject.Kind) error {
	for i := range want {
		g, w := &got[i], &want[i]
		if g.tally.Refused > 0 || w.tally.Refused > 0 {
			continue
		}
		if g.tally.Chunks != w.tally.Chunks {
			return fmt.Errorf("number %d: %d chunks, not %d", i, g.tally.Chunks, w.tally.Chunks)
		}
		if where := g.answer.Differs(&w.answer, blind); where != "" {
			return fmt.Errorf("number %d, and the reference: %s", i, where)
		}
	}
	return nil
}
