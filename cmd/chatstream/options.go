package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
)

// options are the options of the command line.
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
	fs.SetOutput(io.Discard) // run reports errors itself
	fs.BoolVar(&o.json, "json", false, "print each chunk as a line of JSON; with -check or -stats, the result")
	fs.BoolVar(&o.completion, "completion", false, "print the whole answer of each stream as one chat.completion object")
	fs.BoolVar(&o.check, "check", false, "print a table of departures from the schema and the event stream standard")
	fs.Var(&o.strict, "strict", "with -check, fail if there are findings; -strict=LIST limits which")
	fs.BoolVar(&o.checks, "checks", false, "print the name, level and meaning of every check and exit")
	fs.BoolVar(&o.stats, "stats", false, "print model, finish reasons, tokens, sizes and speed")
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
		return o, errors.New("use only one of -completion, -check and -stats; -completion prints JSON without -json")
	case len(o.strict) > 0 && !o.check:
		return o, errors.New("-strict needs -check")
	}
	terminated := len(args) > len(o.files) && args[len(args)-len(o.files)-1] == "--"
	for i, name := range o.files {
		if i > 0 && !terminated && isFlag(fs, name) {
			return o, fmt.Errorf("%s comes after a file: put flags before the files (after --, a name is always a file)", name)
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

Reads OpenAI-compatible Chat Completions streams (chat.completion.chunk events) from
files and prints the text of each answer as it arrives. Without a file, or for the
file "-", it reads standard input. To install it:

  go install github.com/seed-08fc7208/chatstream/cmd/chatstream@latest

Flags go before the files.

`

const helpAfter = `
  curl -sN https://api.openai.com/v1/chat/completions ... | chatstream
  chatstream -check -strict recorded.sse
  chatstream -stats -json recorded.sse | jq .usage

Text (no flag). The answer goes to standard output: content, refusal and the
transcript of audio. When a choice has finished, its tool calls follow, each on a line
as name(arguments). Reasoning is dimmed on a terminal. If standard output is not a
terminal, reasoning goes to standard error, so that "> FILE" has the answer alone. The
command adds a newline to an answer that does not end with one. On a terminal, control
characters, bidirectional controls and characters without width are shown as escapes
such as \u001b in all modes; elsewhere they are not changed.

With several choices (n > 1), the first choice is printed as it arrives. The others are
printed after it has finished, each under a heading. If there are several files, each
answer has a heading; with -json and -completion, headings go to standard error.

Checks (-check). Each finding is one line: how often it occurred, and the event
(counted from 1) and byte (counted from 0) of its first occurrence. The levels:
  error    an error in the stream, or a stream that was cut short
  finding  a departure from the schema of a chunk (list indices are left out of the
           path) or from the event stream standard, or an answer that cannot be right
  note     allowed, but known to cause trouble in clients
The name of a check is its kind, a slash, and its subject: sse/crlf is about lines,
stream/... about chunks that contradict each other, tools/... about tool calls.

For CI, -strict exits with status 3 if there are errors or findings. -strict=LIST exits
with status 3 if something in the list was found. The list names levels (a level
includes those above it), kinds, or checks. A minus removes a name from the list:
  -strict=note  -strict=tools,usage/total  -strict=-schema,-stream/no-done

Whole answers (-completion). One JSON object per stream, as the API sends it for a
request without "stream": true. Texts and tool calls are joined, and the last usage
counts. If the stream was cut short, the object has what arrived, and finish_reason is
null.

Statistics (-stats). Times count from the moment when chatstream starts to read, so
start it together with the request. For a recorded file, they tell how fast the file
was read. On a terminal, one line shows the progress while the stream arrives. It shows
tokens only after the server has sent the usage; "stream_options":
{"include_usage": true} in the request asks for it.

On Ctrl-C, the command prints what it has of the stream, in every mode, and exits with
status 130. A second Ctrl-C exits at once.

Errors go to standard error, with their event and byte. The exit status is
  0    if there was no error; findings of -check do not change that without -strict
  1    after an error in a stream, a stream that was cut short, a stream of another API,
       or a file that cannot be read; what can be read is printed all the same
  2    for wrong usage
  3    if -strict found something
  130  after Ctrl-C
`

// help returns the text of -help.
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
