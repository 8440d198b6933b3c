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
	json, completion, check, stats, checks, version bool

	strict strictFlag
	files  []string // "-" is standard input
}

// streams reports whether output is written as the stream arrives, rather than at
// its end.
func (o *options) streams() bool { return !o.completion && !o.check && !o.stats }

func (o *options) flags() *flag.FlagSet {
	fs := flag.NewFlagSet("chatstream", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run says what is wrong, and where
	fs.BoolVar(&o.json, "json", false, "print each chunk as a line of JSON; with -check or -stats, that as JSON")
	fs.BoolVar(&o.completion, "completion", false, "print each stream's whole answer as one chat.completion object, on a line")
	fs.BoolVar(&o.check, "check", false, "print a table of how the stream departs from the schema and the standard")
	fs.Var(&o.strict, "strict", "with -check, fail on findings; -strict=LIST on those in the list")
	fs.BoolVar(&o.checks, "checks", false, "print the name, level and meaning of every check and exit")
	fs.BoolVar(&o.stats, "stats", false, "print the model, finish reasons, tokens, how much came and how fast")
	fs.BoolVar(&o.version, "version", false, "print the version and exit")
	return fs
}

func parseArgs(args []string) (options, error) {
	var o options
	fs := o.flags()
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	o.files = fs.Args()
	switch {
	case o.check && o.stats, o.completion && (o.json || o.check || o.stats):
		return o, errors.New("-completion, -check and -stats exclude each other, and -completion is JSON already")
	case len(o.strict) > 0 && !o.check:
		return o, errors.New("-strict goes with -check")
	}
	terminated := len(args) > len(o.files) && args[len(args)-len(o.files)-1] == "--"
	for i, name := range o.files {
		if i > 0 && !terminated && isFlag(fs, name) {
			return o, fmt.Errorf("%s comes after a file: flags go before the files, and files named like one after --", name)
		}
	}
	if len(o.files) == 0 {
		o.files = []string{"-"}
	}
	return o, nil
}

// isFlag reports whether an argument is one of the flags, or a request for help.
func isFlag(fs *flag.FlagSet, arg string) bool {
	name, isFlag := strings.CutPrefix(arg, "-")
	name, _, _ = strings.Cut(strings.TrimPrefix(name, "-"), "=")
	return isFlag && (fs.Lookup(name) != nil || name == "h" || name == "help")
}

const helpBefore = `usage: chatstream [flags] [FILE ...]

Reads streamed chat completions (chat.completion.chunk events) from the files, or
from standard input where there is none or a file is "-", and prints the text of
the answer as it arrives. To install it:

  go install github.com/seed-08fc7208/chatstream/cmd/chatstream@latest

`

const helpAfter = `
  curl -sN https://api.openai.com/v1/chat/completions ... | chatstream
  chatstream -check -strict recorded.sse
  chatstream -stats -json recorded.sse | jq .usage

Text. The answer goes to standard output: content, refusal, the transcript of
audio, and after them the tool calls as name(arguments), a line each, as soon as
the choice has finished. The reasoning is shown dimmed where standard output is a
terminal, and goes to standard error otherwise, so that "> FILE" keeps the answer
alone. An answer that does not end with a line end is given one. On a terminal,
control characters, bidirectional controls and characters without width are shown
as \u001b in all modes; elsewhere they are left alone.

Several choices (n > 1) are kept apart: the first one is printed as it arrives, the
others are held back until it has finished, and follow under a heading each. The
answers of several files have headings, too; with -json and -completion these go to
standard error.

Checks (-check). A line for each finding, with how often it occurred and the event
(counted from 1) and byte (from 0) where it did first. The levels:
  error    an error in the stream, or a stream that was cut short
  finding  a departure from the schema of a chunk (list indices are left out of the
           path) or the event stream standard, or an answer that cannot be right
  note     allowed, but known to trip clients
A check's name is its kind, a slash and what it looks for: sse/crlf is about the
lines, stream/... about chunks that do not go together, tools/... about tool calls.

For CI, -strict fails the command with status 3 on errors and findings. With a list
it fails on what the list names: levels (each with those above it), kinds, or names
of checks. What has a minus before it is taken out again:
  -strict=note  -strict=tools,usage/total  -strict=-schema,-stream/no-done

Whole answers (-completion). What the chunks make together, as the API sends it
when it is not asked to stream: texts and tool calls joined, the last usage. Of a
stream that was cut short, it is what came: its finish_reason is null.

Statistics (-stats). Times count from when chatstream began to read, so start it
together with the request. Of a recorded file they say how fast it was read. On a
terminal a line shows how a stream goes while it comes; the tokens are there once
the server has sent them (stream_options.include_usage asks for them).

Interrupted (Ctrl-C), the command prints what it has of the stream in every mode,
and exits with status 130; a second Ctrl-C ends it at once.

Errors go to standard error with their event and byte. The exit status is 0; 1
after an error in a stream, a stream that was cut short or is none of a chat
completion, or a file that cannot be read, though what can be read is printed; 2
for wrong usage; 3 after findings that -strict names. Without -strict, what -check
finds beside errors does not change it.
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
