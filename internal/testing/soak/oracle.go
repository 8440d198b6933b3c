package main

import (
	"fmt"
	"strings"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// oracle compares the results of a stream with slow readers: framing, end and errors with internal/testing/reference, chunks with
// internal/testing/chunkgen and encoding/json.
type oracle struct {
	want       []reference.Result
	failing    bool
	n          int
	chunks     int64
	faults     []string
	exceptions chunkgen.Exceptions
}

func newOracle(st stream) *oracle {
	return &oracle{want: reference.Decode(string(st.bytes)), failing: st.failing}
}

func (o *oracle) see(kind reference.Kind, c *chatstream.CreateChatCompletionData, e chatstream.Event, err error) {
	if o.n == len(o.want) {
		o.fail("one result more than %d: %v", o.n, err)
		return
	}
	want := o.want[o.n]
	o.n++
	if want.Kind.Final() {
		if o.failing && !want.Kind.Done() && want.Kind != reference.NotButAPI {
			want.Kind = readerError
		}
		if kind != want.Kind {
			o.fail("the end is %s (%v), want %s", kind, err, want.Kind)
		}
		return
	}
	got := reference.Result{Kind: kind, Type: string(e.Type), Data: string(e.Data), LastEventID: string(e.LastEventID)}
	want.Raw = "" // depends on how the stream is cut
	if got != want {
		o.fail("got %+q, want %+q", got, want)
		return
	}
	switch kind {
	case reference.Chunk:
		o.chunks++
		o.add(chunkgen.Verdict(e.Data, c, err))
		o.add(chunkgen.CompareJSON(e.Data, c, &o.exceptions))
	case reference.Syntax:
		o.add(chunkgen.CheckEmpty(c))
	case reference.API:
		if chunkgen.SyntaxOffset(e.Data) < 0 {
			o.add(chunkgen.Check(e.Data, c))
		}
	}
}

func (o *oracle) add(diffs []string) {
	if diffs != nil {
		o.fail("%s", strings.Join(diffs, "; "))
	}
}

func (o *oracle) fail(format string, args ...any) {
	o.faults = append(o.faults, fmt.Sprintf("result %d: ", o.n)+fmt.Sprintf(format, args...))
}
