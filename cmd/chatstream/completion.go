package main

import "github.com/seed-08fc7208/chatstream"

// completionReport prints the whole answer of a stream on one line.
type completionReport struct {
	out      *console
	answer   chatstream.Accumulator
	complain func(err error)
	chunks   int
	full     bool
}

func newCompletionReport(out *console, complain func(error)) *completionReport {
	return &completionReport{out: out, complain: complain, answer: chatstream.Accumulator{Limit: maxAnswer}}
}

func (r *completionReport) observe(c *chunk, _ error) {
	if c == nil {
		return
	}
	r.chunks++
	if err := r.answer.Add(c); err != nil && !r.full {
		r.full = true
		r.complain(err)
	}
}

func (r *completionReport) finish(string) {
	if r.chunks > 0 {
		r.out.Write(append(r.answer.Completion().AppendJSON(nil), '\n'))
	}
}
