package main

import (
	"container/heap"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// textReport prints the answer as it arrives.
//
// Of several choices one is live: its text is printed as it arrives. The first choice that comes
// is live first. The text of the others is held. When the live choice has finished, the choice
// with the next index becomes live.
type textReport struct {
	answer, thinking *page // the same one on a terminal
	choices          map[int64]*choice
	waiting          choiceQueue // choices that have not been live yet
	live             *choice
}

// choice is one of the answers.
type choice struct {
	index    int64
	first    bool       // of the stream
	calls    *toolCalls // nil until there is one
	held     []passage
	spoken   bool      // a delta said something that a message could repeat
	messages *messages // nil until there is one
	finished bool
}

// newTextReport returns a report with a heading, which is empty if there is only one stream.
// Standard error gets the heading only if text follows it there.
func newTextReport(out, err *console, heading string) *textReport {
	r := &textReport{
		answer:   &page{console: out},
		thinking: &page{console: err, heading: heading},
		choices:  make(map[int64]*choice),
	}
	if out.terminal != nil {
		r.thinking = r.answer
	}
	io.WriteString(out, heading)
	return r
}

func (r *textReport) observe(c *chunk, _ error) {
	if c == nil {
		return
	}
	for i := range c.Choices {
		ch := r.choice(c.Choices[i].Index.Value)
		switch d, isMessage := messageOf(&c.Choices[i]); {
		case !isMessage:
			r.say(ch, d)
		case !ch.spoken:
			r.sayMessage(ch, &c.Choices[i])
		}
		if c.Choices[i].FinishReason.Value != "" {
			r.settle(ch)
			r.next()
		}
	}
}

// say prints or holds the text that a delta adds to a choice.
func (r *textReport) say(ch *choice, d *chatstream.Delta) {
	for p := range passages(d) {
		ch.spoken = true
		r.put(ch, p)
	}
	if len(d.ToolCalls.Value) == 0 && callOf(d).isEmpty() {
		return
	}
	ch.spoken = true
	if ch.calls == nil {
		ch.calls = new(toolCalls)
	}
	ch.calls.add(d)
}

// sayMessage prints or holds what a message in the place of a delta adds to a choice.
func (r *textReport) sayMessage(ch *choice, c *chatstream.Choice) {
	if ch.messages == nil {
		ch.messages = newMessages()
	}
	for p := range ch.messages.add(c) {
		r.put(ch, p)
	}
}

// choice returns the choice of that index, a new one if there was none.
func (r *textReport) choice(index int64) *choice {
	ch := r.choices[index]
	if ch == nil {
		ch = &choice{index: index, first: len(r.choices) == 0}
		r.choices[index] = ch
		heap.Push(&r.waiting, ch)
		r.next()
	}
	return ch
}

// next makes the next choice live if the live one has finished.
func (r *textReport) next() {
	for len(r.waiting) > 0 && (r.live == nil || r.live.finished) {
		r.live = heap.Pop(&r.waiting).(*choice)
		r.release(r.live)
	}
}

// choiceQueue is a heap of choices by their index.
type choiceQueue []*choice

func (q choiceQueue) Len() int           { return len(q) }
func (q choiceQueue) Less(i, j int) bool { return q[i].index < q[j].index }
func (q choiceQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *choiceQueue) Push(x any)        { *q = append(*q, x.(*choice)) }
func (q *choiceQueue) Pop() any {
	last := len(*q) - 1
	ch := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return ch
}

// settle ends a choice: its tool calls are complete.
func (r *textReport) settle(ch *choice) {
	ch.finished = true
	if text := append(ch.calls.take(), ch.messages.takeCalls()...); len(text) > 0 {
		r.put(ch, passage{calls, text})
	}
}

// put prints text of the live choice, and holds text of the others.
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

// release prints the held text of a choice.
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

// finish prints all text that is still held.
func (r *textReport) finish(string) {
	for _, ch := range r.choices {
		r.settle(ch)
	}
	r.next()
	for _, index := range slices.Sorted(maps.Keys(r.choices)) {
		r.release(r.choices[index])
	}
	r.answer.freshLine()
	r.thinking.freshLine()
}

// page is a console for text. It separates choices and headings.
type page struct {
	*console
	heading string  // is written before the first text
	choice  *choice // the last one printed
	surface surface
}

func (p *page) print(ch *choice, text passage) {
	if p.heading != "" {
		heading := p.heading
		if !p.used {
			heading = strings.TrimPrefix(heading, "\n")
		}
		p.heading = ""
		io.WriteString(p, heading)
	}
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

// turnTo begins or resumes a choice. The first choice of a stream has no heading, because most
// streams have one choice.
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
