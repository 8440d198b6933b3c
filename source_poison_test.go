//go:build chatstream_poison

package chatstream

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sourceWithLines returns a source that has read two events of six bytes each.
func sourceWithLines() *source {
	s := new(source)
	s.init(strings.NewReader("data\n\ndata\n\n"), nil)
	s.more()
	return s
}

// TestSourceRules: under the tag, a call that breaks the order of calls that the comment of
// source describes panics, and no other call does.
func TestSourceRules(t *testing.T) {
	const event, all = 6, 12
	for name, calls := range map[string]func(s *source){
		"an event by lines":  func(s *source) { s.advance(event); s.give(event); s.release() },
		"less than was read": func(s *source) { s.advance(event); s.give(event - 1); s.give(event); s.release() },
		"all by lines":       func(s *source) { s.advance(all); s.give(all); s.release() },
		"all by steps":       func(s *source) { s.step(event); s.step(event); s.pass() },
		"a line again":       func(s *source) { s.advance(event); s.rewind(event); s.rewind(0) },
		"a read amid lines":  func(s *source) { s.advance(event); s.more() },
		"keep-alives":        func(s *source) { s.advance(event); s.drop(event) },
		"one byte":           func(s *source) { s.advance(1); s.give(1); s.release(); s.more() },
		"nothing to release": func(s *source) { s.release(); s.advance(event); s.release() },
	} {
		require.NotPanics(t, func() { calls(sourceWithLines()) }, name)
	}
	for name, broken := range map[string]func(s *source){
		"give of what was not read":       func(s *source) { s.give(1) },
		"give of less than before":        func(s *source) { s.advance(event); s.give(event); s.give(event - 1) },
		"give beyond what is pending":     func(s *source) { s.pos = all + 1; s.give(all) },
		"give beyond it, later":           func(s *source) { s.step(event); s.pass(); s.pos = event + 1; s.give(event) },
		"step beyond it, later":           func(s *source) { s.step(event); s.step(event); s.step(1) },
		"release after step":              func(s *source) { s.step(event); s.release() },
		"step amid lines":                 func(s *source) { s.advance(1); s.step(event) },
		"step beyond what is pending":     func(s *source) { s.step(event); s.step(event + 1) },
		"pass after lines":                func(s *source) { s.advance(event); s.give(event); s.pass() },
		"read while something is given":   func(s *source) { s.advance(event); s.give(event); s.more() },
		"read after step":                 func(s *source) { s.step(event); s.more() },
		"drop while something is given":   func(s *source) { s.advance(event); s.give(1); s.drop(event) },
		"drop of what was not read":       func(s *source) { s.advance(1); s.drop(event) },
		"rewind while something is given": func(s *source) { s.advance(event); s.give(1); s.rewind(1) },
		"rewind to what was not read":     func(s *source) { s.advance(1); s.rewind(2) },
	} {
		require.Panics(t, func() { broken(sourceWithLines()) }, name)
	}
}
