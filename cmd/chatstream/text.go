package main

import (
	"cmp"
	"fmt"
	"slices"
)

// textReport prints the answer as it arrives.
//
// Of several choices one is live, at first the one that comes first: its text is
// printed as it comes. The text of the others is held until the live one has
// finished and the next one, in the order of the index, takes its place.
type textReport struct {
	answer, thinking *page // the same one on a terminal
	choices          []*choice
	live             *choice
}

// choice is one of the answers.
type choice struct {
	index    int64
	first    bool // of the stream
	calls    toolCalls
	held     []passage
	begun    bool // it is or was live
	finished bool
}

func newTextReport(out, err *console) *textReport {
	r := &textReport{answer: &page{console: out}, thinking: &page{console: err}}
	if out.terminal != nil {
		r.thinking = r.answer
	}
	return r
}

func (r *textReport) observe(c *chunk, _ error) {
	if c == nil {
		return
	}
	for i := range c.Choices {
		delta := &c.Choices[i].Delta
		ch := r.choice(c.Choices[i].Index.Value)
		for p := range passages(delta) {
			r.put(ch, p)
		}
		ch.calls.add(delta)
		if c.Choices[i].FinishReason.Value != "" {
			r.settle(ch)
			r.next()
		}
	}
}

// choice returns the choice of that index, a new one if there was none.
func (r *textReport) choice(index int64) *choice {
	at, found := slices.BinarySearchFunc(r.choices, index, func(ch *choice, index int64) int {
		return cmp.Compare(ch.index, index)
	})
	if !found {
		r.choices = slices.Insert(r.choices, at, &choice{index: index, first: len(r.choices) == 0})
		r.next()
	}
	return r.choices[at]
}

// next makes the next choice live where the one that was has finished.
func (r *textReport) next() {
	for _, ch := range r.choices {
		if r.live != nil && !r.live.finished {
			return
		}
		if !ch.begun {
			ch.begun, r.live = true, ch
			r.release(ch)
		}
	}
}

// settle ends a choice: its tool calls are complete.
func (r *textReport) settle(ch *choice) {
	ch.finished = true
	if text := ch.calls.take(); len(text) > 0 {
		r.put(ch, passage{calls, text})
	}
}

// put prints text of the live choice and holds that of the others.
func (r *textReport) put(ch *choice, p passage) {
	if ch == r.live {
		r.print(ch, p)
		return
	}
	if n := len(ch.held); n > 0 && ch.held[n-1].surface == p.surface {
		ch.held[n-1].text = append(ch.held[n-1].text, p.text...)
		return
	}
	ch.held = append(ch.held, passage{p.surface, slices.Clone(p.text)})
}

// release prints what was held of a choice.
func (r *textReport) release(ch *choice) {
	for _, p := range ch.held {
		r.print(ch, p)
	}
	ch.held = nil
}

func (r *textReport) print(ch *choice, p passage) {
	page := r.answer
	if p.surface == reasoning {
		page = r.thinking
	}
	page.print(ch, p)
}

// finish prints what is held still.
func (r *textReport) finish() {
	for _, ch := range r.choices {
		r.settle(ch)
	}
	r.next()
	for _, ch := range r.choices {
		r.release(ch)
	}
	r.answer.freshLine()
	r.thinking.freshLine()
}

// page is a console that is printed on. It keeps apart what does not belong
// together.
type page struct {
	*console
	choice  *choice // the last one printed
	surface surface
}

func (p *page) print(ch *choice, text passage) {
	p.turnTo(ch)
	if p.surface != text.surface {
		if p.surface != none {
			p.freshLine()
			p.Write([]byte("\n"))
		}
		p.surface = text.surface
	}
	if text.surface == reasoning {
		p.dim(text.text)
	} else {
		p.Write(text.text)
	}
}

// turnTo begins or resumes a choice. The first one of a stream needs no heading,
// since there is only one mostly.
func (p *page) turnTo(ch *choice) {
	if p.choice == ch {
		return
	}
	if p.choice != nil {
		p.freshLine()
		p.Write([]byte("\n"))
	}
	if p.choice != nil || !ch.first {
		fmt.Fprintf(p, "--- choice %d ---\n", ch.index)
	}
	p.choice, p.surface = ch, none
}
