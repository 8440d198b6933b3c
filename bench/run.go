package bench

import (
	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// Runner decodes a workload with a subject, pass by pass. What it needs is made
// before the first pass, and a pass itself allocates nothing, so that what is
// measured is the subject's.
type Runner struct {
	work    *workload.Workload
	stream  subject.Stream
	payload subject.Payload
	reader  workload.Reader
}

// NewStreamRunner decodes the streams of w, framing and all; nil if s cannot.
func NewStreamRunner(w *workload.Workload, s *subject.Subject) *Runner {
	if s.NewStream == nil {
		return nil
	}
	return &Runner{work: w, stream: s.NewStream()}
}

// NewPayloadRunner decodes the payloads of w one by one; nil if s cannot.
func NewPayloadRunner(w *workload.Workload, s *subject.Subject) *Runner {
	if s.NewPayload == nil {
		return nil
	}
	return &Runner{work: w, payload: s.NewPayload()}
}

// Pass decodes all of the workload once.
func (r *Runner) Pass() (tally subject.Tally, err error) {
	if r.payload != nil {
		return r.payload.Unmarshal(r.work.Payloads, nil), nil
	}
	for i := range r.work.Streams {
		t, err := r.one(i, nil)
		if err != nil {
			return tally, err
		}
		tally.Add(t)
	}
	return tally, nil
}

// one decodes stream i.
func (r *Runner) one(i int, a *subject.Answer) (subject.Tally, error) {
	r.reader.Reset(r.work, i)
	return r.stream.Decode(&r.reader, a)
}

// Size is the number of bytes of a pass.
func (r *Runner) Size() int {
	if r.payload != nil {
		return r.work.PayloadBytes()
	}
	return r.work.Bytes()
}
