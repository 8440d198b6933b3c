package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
)

// options is what the command line asks for.
type options struct {
	json, completion, check, stats, version bool
	files                                   []string // "-" is standard input
}

// streams reports whether output is written as the stream arrives, rather than at
// its end.
func (o *options) streams() bool { return !o.completion && !o.check && !o.stats }

func (o *options) flags() *flag.FlagSet {
	fs := flag.NewFlagSet("chatstream", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run says what is wrong, and where
	fs.BoolVar(&o.json, "json", false, "print each chunk as one line of JSON, nothing left out")
	fs.BoolVar(&o.completion, "completion", false, "print each stream's whole answer as one chat.completion object, on a line")
	fs.BoolVar(&o.check, "check", false, "print a table of how the stream departs from the schema and the standard")
	fs.BoolVar(&o.stats, "stats", false, "print how much came, how fast, and the gaps between the chunks")
	fs.BoolVar(&o.version, "version", false, "print the version and exit")
	return fs
}

func parseArgs(args []string) (options, error) {
	var o options
	fs := o.flags()
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	modes := 0
	for _, set := range []bool{o.json, o.completion, o.check, o.stats} {
		if set {
			modes++
		}
	}
	if modes > 1 {
		return o, errors.New("-json, -completion, -check and -stats exclude each other")
	}
	o.files = fs.Args()
	if len(o.files) == 0 {
		o.files = []string{"-"}
	}
	return o, nil
}

const helpBefore = `usage: chatstream [flags] [FILE ...]

Reads streamed chat completions (chat.completion.chunk events) from the files, or
from standard input where there is none or a file is "-", and prints the text of
the answer as it arrives.

`

const helpAfter = `
  curl -sN https://api.openai.com/v1/chat/completions ... | chatstream
  chatstream -check recorded.sse

Text. The answer goes to standard output: content, refusal, the transcript of
audio, and after them the tool calls as name(arguments), a line each, as soon as
the choice has finished. The reasoning is shown dimmed where standard output is a
terminal, and goes to standard error otherwise, so that "> FILE" keeps the answer
alone. An answer that does not end with a line end is given one. On a terminal,
control characters in the stream are shown as \u001b; elsewhere they are left alone.

Several choices (n > 1) are kept apart: the first one is printed as it arrives, the
others are held back until it has finished, and follow under a heading each.

Checks (-check). A line for each kind of departure, with how often it occurred and
the event (counted from 1) and byte (from 0) where it did first:
  sse     against the event stream standard, or against what clients expect of it
  error   errors in the stream, and streams cut short
  stream  chunks that do not go together, no [DONE]
  schema  against the schema of a chunk; list indices are left out of the path
  note    allowed, but known to trip clients

Whole answers (-completion). What the chunks make together, as the API sends it
when it is not asked to stream: texts and tool calls joined, the last usage. Of a
stream that was cut short, it is what came: its finish_reason is null.

Statistics (-stats). Times count from when chatstream began to read, so start it
together with the request. Of a recorded file they say how fast it was read.

Errors go to standard error with their event and byte. The exit status is 0; 1
after an error in a stream, a stream that was cut short or a file that cannot be
read, though what can be read is printed; 2 for wrong usage. What -check finds
beside errors does not change it.
`

// help is what -help prints.
func help() string {
	var b strings.Builder
	b.WriteString(helpBefore)
	fs := new(options).flags()
	fs.VisitAll(func(f *flag.Flag) { fmt.Fprintf(&b, "  -%-12s%s\n", f.Name, f.Usage) })
	fmt.Fprintf(&b, "  -%-12s%s\n", "help", "print this and exit")
	b.WriteString(helpAfter)
	return b.String()
}

// version describes the build.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "chatstream (unknown version)"
	}
	v := "chatstream " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value
		}
	}
	return v + " " + info.GoVersion
}
