package main

import (
	"bytes"
	"strconv"

	"github.com/seed-08fc7208/chatstream"
)

// The checks of how chunks go together, and of the end of the stream. checkReport finds those
// without functions at the end.
var (
	streamNoDone     = &check{name: "stream/no-done", level: levelFinding, what: "the stream has no [DONE]"}
	streamNoChunk    = &check{name: "stream/no-chunk", level: levelFinding, what: "no chunk comes before [DONE]"}
	streamDoneSpaces = &check{name: "stream/done-spaces", level: levelFinding, what: "spaces around [DONE]: clients compare it exactly"}
	streamAfterDone  = &check{name: "stream/after-done", level: levelFinding, what: "more events after [DONE], which are not read"}
	streamChecks     = []*check{
		streamNoDone, streamNoChunk, streamDoneSpaces, streamAfterDone,
		{name: "stream/id-changes", level: levelFinding, what: "the id is not that of the chunk before", chunk: idChanges},
		{name: "stream/finished-twice", level: levelFinding, what: "a choice has the same finish reason more than once", chunk: eachChoice(finishedTwice)},
		{name: "stream/never-finished", level: levelFinding, what: "a choice has no finish reason", end: eachEnd(neverFinished)},
		{name: "stream/cut-looks-whole", level: levelFinding, what: "the finish reason was length and is then another: a cut answer that looks whole", chunk: eachChoice(cutLooksWhole)},
		{name: "stream/native-length", level: levelFinding, what: "native_finish_reason is a limit and finish_reason is not length: a cut answer that looks whole", chunk: eachChoice(nativeLength)},
		{name: "stream/finish-changes", level: levelNote, what: "the finish reason changes: clients take the first or the last", chunk: eachChoice(finishChanges)},
		{name: "stream/no-role", level: levelNote, what: "no chunk of the choice has a role", end: eachEnd(noRole)},
		{name: "stream/message", level: levelNote, what: "a message in the place of a delta: clients that read deltas show nothing", chunk: eachChoice(messageForDelta)},
		{name: "stream/x-groq-error", level: levelNote, what: "an error in x_groq, where few clients look", chunk: groqError},
	}
)

const finishReason = "choices[].finish_reason"

func idChanges(s *seen, c *chunk, found foundFunc) {
	if id := c.ID.Value; len(id) > 0 && len(s.id) > 0 && !bytes.Equal(id, s.id) {
		found("id", "")
	}
}

func finishedTwice(p *said, found foundFunc) {
	if p.reason != "" && p.reason == p.seen.finish {
		found(finishReason, "")
	}
}

func finishChanges(p *said, found foundFunc) {
	reason, before := p.reason, p.seen.finish
	if reason != "" && before != "" && reason != before && before != "length" {
		found(finishReason, quote([]byte(before))+", then "+quote([]byte(reason)))
	}
}

func cutLooksWhole(p *said, found foundFunc) {
	if p.seen.finish == "length" && p.reason != "" && p.reason != "length" {
		found(finishReason, `"length", then `+quote([]byte(p.reason)))
	}
}

// nativeLength looks at native_finish_reason, which routers add.
func nativeLength(p *said, found foundFunc) {
	// Without a message, nothing else than a native reason makes it truncated.
	bare := chatstream.CompletionChoice{FinishReason: p.FinishReason, Extra: p.Extra}
	if p.reason != "" && p.reason != "length" && bare.Truncated() {
		found(finishReason, quote([]byte(p.reason))+" beside "+string(extraValue(p.Extra, "native_finish_reason")))
	}
}

func neverFinished(ch *seenChoice, found foundFunc) {
	if ch.finish == "" {
		found(finishReason, "choice "+strconv.FormatInt(ch.index, 10))
	}
}

func noRole(ch *seenChoice, found foundFunc) {
	if ch.spoken && !ch.role {
		found("choices[].delta.role", "choice "+strconv.FormatInt(ch.index, 10))
	}
}

func messageForDelta(p *said, found foundFunc) {
	if p.isMessage && !p.seen.spoken && saysSomething(p.delta) {
		found("choices[].message", "")
	}
}

// groqError looks for the error that Groq puts into its own member.
func groqError(_ *seen, c *chunk, found foundFunc) {
	if err := memberOf(extraValue(c.Extra, "x_groq"), "error"); err != nil && string(err) != "null" {
		found("x_groq.error", quote(err))
	}
}
