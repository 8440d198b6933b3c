package main

import (
	"slices"
	"strings"
)

// level is the severity of a finding.
type level int

const (
	levelError   level = iota // an error in the stream
	levelFinding              // a departure from the schema or the standard, or an answer that cannot be right
	levelNote                 // allowed, but known to cause trouble in clients
)

var levelNames = []string{"error", "finding", "note"}

func (l level) String() string { return levelNames[l] }

// check is one kind of finding of -check. To add a check, write its function, add it to one of
// the lists of allChecks, and test it in TestChecks.
type check struct {
	name  string // kind/name; -strict accepts the kind or all of it
	level level
	what  string // what was found, and its effect

	// chunk is called for each chunk, before the chunk is added to seen.
	chunk func(s *seen, c *chunk, found foundFunc)
	// end is called at the end of a complete stream.
	end func(s *seen, found foundFunc)
}

// foundFunc reports a finding: where in the chunk, and an example of it or "".
type foundFunc func(where, example string)

// kind is the part of the name before the slash.
func (c *check) kind() string {
	kind, _, _ := strings.Cut(c.name, "/")
	return kind
}

// allChecks has all checks, in the order in which the findings of one level are printed.
var allChecks = slices.Concat(errorChecks, sseChecks, streamChecks, toolChecks, usageChecks, textChecks, schemaChecks, []*check{notChecked})

// chunkChecks are the checks that look at each chunk.
var chunkChecks = slices.DeleteFunc(slices.Clone(allChecks), func(c *check) bool { return c.chunk == nil })

// These checks have no functions: their findings come from the errors of the Decoder and from
// Validate.
var (
	errorSyntax    = &check{name: "error/syntax", level: levelError, what: "the payload is not a JSON object"}
	errorAPI       = &check{name: "error/api", level: levelError, what: "the provider sent an error"}
	errorTooLarge  = &check{name: "error/too-large", level: levelError, what: "the event is larger than the limit"}
	errorTruncated = &check{name: "error/truncated", level: levelError, what: "the stream was cut short"}
	errorBody      = &check{name: "error/body", level: levelError, what: "the body is not an event stream"}
	errorNotChat   = &check{name: "error/not-chat", level: levelError, what: "no payload was a chat completion: a stream of another API"}
	errorOther     = &check{name: "error/other", level: levelError, what: "another error: the input could not be read, for example"}
	errorChecks    = []*check{errorSyntax, errorAPI, errorTooLarge, errorTruncated, errorBody, errorNotChat, errorOther}

	schemaObjection = &check{name: "schema/objection", level: levelFinding, what: "the chunk does not conform to the schema"}
	schemaUsageNull = &check{name: "schema/usage-null", level: levelNote, what: "usage is null, which the schema does not allow but the API's documentation shows"}
	schemaChecks    = []*check{schemaObjection, schemaUsageNull}

	notChecked = &check{name: "check/limit", level: levelNote, what: "too much to hold: the checks of texts, arguments and choices are incomplete"}
)

// runChecks looks at a chunk with each check that has a function for it.
func runChecks(f *findings, s *seen, c *chunk, at place) {
	var check *check
	found := func(where, example string) { f.add(check, where, example, at) }
	for _, check = range chunkChecks {
		check.chunk(s, c, found)
	}
}

// endChecks is called at the end of a stream.
func endChecks(f *findings, s *seen, at place) {
	s.conclude()
	for _, check := range allChecks {
		if check.end != nil {
			check.end(s, func(where, example string) { f.add(check, where, example, at) })
		}
	}
}

// eachChoice converts a function for a choice to the function of a check.
func eachChoice(look func(p *said, found foundFunc)) func(*seen, *chunk, foundFunc) {
	return func(s *seen, _ *chunk, found foundFunc) {
		for i := range s.now {
			look(&s.now[i], found)
		}
	}
}

// eachEnd converts a function for a choice at the end to the function of a check.
func eachEnd(look func(ch *seenChoice, found foundFunc)) func(*seen, foundFunc) {
	return func(s *seen, found foundFunc) {
		for _, ch := range s.order {
			look(ch, found)
		}
	}
}
