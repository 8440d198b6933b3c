package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain makes the test binary the command itself, for tests that need a process.
func TestMain(m *testing.M) {
	if os.Getenv("CHATSTREAM_TEST_COMMAND") != "" {
		main()
	}
	os.Exit(m.Run())
}

// tty stands for a terminal of 60 columns.
type tty struct{ bytes.Buffer }

func terminalOfTest(w io.Writer) *terminal {
	if _, ok := w.(*tty); ok {
		return &terminal{columns: 60, escapes: true}
	}
	return nil
}

// testSystem has two streams on a terminal if they are a tty, no keyboard, no ticks
// and nobody who interrupts.
var testSystem = system{
	terminal: terminalOfTest,
	keyboard: func(io.Reader) bool { return false },
	now:      time.Now,
	stop:     context.Background(),
	bigFile:  1 << 20,
}

// testSystemAt is testSystem with another clock.
func testSystemAt(now func() time.Time) system {
	sys := testSystem
	sys.now = now
	return sys
}

// outcome is what a run left behind.
type outcome struct {
	code     int
	out, err string
}

func runWith(stdin io.Reader, args ...string) outcome {
	var out, err bytes.Buffer
	code := run(args, stdin, &out, &err, testSystem)
	return outcome{code, out.String(), err.String()}
}

func runOn(stream string, args ...string) outcome {
	return runWith(strings.NewReader(stream), args...)
}

// runStill runs the command on files while the clock stands still.
func runStill(args ...string) outcome {
	var out, err bytes.Buffer
	code := run(args, nil, &out, &err, testSystemAt(func() time.Time { return time.Unix(1e9, 0) }))
	return outcome{code, out.String(), err.String()}
}

// delta is an event with a choice.
func delta(members string) string {
	return `data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{` + members + `},"finish_reason":null}]}` + "\n\n"
}

const (
	stop = `data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	done = "data: [DONE]\n\n"
)

// testdata is where the streams of the module's tests are.
const testdata = "../../testdata"

func streamFile(name string) string { return filepath.Join(testdata, name+".sse") }

func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{"-nosuch"}, {"-json", "-completion"}, {"-check", "-stats"}, {"-completion", "-stats", "x"}, {"-json=perhaps"},
		{"-strict"}, {"-check", "-strict=nosuch"}, {"-check", "-strict="}, {"-check", "-strict=note,,tools"}, {"-nosuch\x1b"},
	} {
		got := runOn("", args...)
		assert.Equal(t, exitUsage, got.code, args)
		assert.Empty(t, got.out, args)
		assert.Contains(t, got.err, "Try chatstream -help", args)
	}
}

func TestHelp(t *testing.T) {
	for _, arg := range []string{"-help", "-h", "--help"} {
		got := runOn("", arg)
		assert.Zero(t, got.code)
		assert.Empty(t, got.err)
		for _, flag := range []string{"-json", "-completion", "-check", "-strict", "-checks", "-stats", "-version", "-help"} {
			assert.Contains(t, got.out, "\n  "+flag+" ")
		}
		for line := range strings.Lines(got.out) {
			assert.LessOrEqual(t, len(line), 90)
		}
	}
}

func TestVersion(t *testing.T) {
	got := runOn("", "-version")
	assert.Zero(t, got.code)
	assert.Regexp(t, `^chatstream .*go1\.`, got.out)
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.sse"), filepath.Join(dir, "b.sse")
	require.NoError(t, os.WriteFile(a, []byte(delta(`"content":"one"`)+done), 0o600))
	require.NoError(t, os.WriteFile(b, []byte(delta(`"content":"two\n"`)+stop), 0o600))
	missing := filepath.Join(dir, "missing.sse")
	in := func() io.Reader { return strings.NewReader(delta(`"content":"in"`) + done) }

	assert.Equal(t, outcome{0, "one\n", ""}, runWith(in(), a))
	assert.Equal(t, outcome{0, "in\n", ""}, runWith(in()))
	assert.Equal(t, outcome{0, "in\n", ""}, runWith(in(), "-"))
	// The answers of several files have headings; their thoughts, too, where they go elsewhere.
	ha, hb := "==> "+a+" <==\n", "\n==> "+b+" <==\n"
	assert.Equal(t, outcome{0, ha + "one\n" + hb + "two\n\n==> standard input <==\nin\n", ""}, runWith(in(), a, b, "-"))
	thinking := strings.NewReader(delta(`"reasoning":"hm"`) + done)
	assert.Equal(t, outcome{0, ha + "one\n\n==> standard input <==\n", "==> standard input <==\nhm\n"}, runWith(thinking, a, "-"))
	// JSON is alone on standard output.
	got := runWith(in(), "-completion", a, b)
	assert.Equal(t, ha+hb, got.err)
	assert.Equal(t, 2, strings.Count(got.out, "\n"))
	got = runWith(in(), "-json", a, b)
	assert.Equal(t, ha+hb, got.err)
	assert.NotContains(t, got.out, "==>")
	// Tables name their stream, and so does their JSON.
	for _, mode := range []string{"-check", "-stats"} {
		assert.Equal(t, outcome{0, runStill(mode, a).out + "\n" + runStill(mode, b).out, ""}, runStill(mode, a, b), mode)
		got = runWith(in(), mode, "-json", a, b)
		assert.Equal(t, 2, strings.Count(got.out, "\n"), mode)
		assert.Contains(t, got.out, `{"stream":"`+a+`"`, mode)
	}

	got = runWith(in(), missing, b)
	assert.Equal(t, exitError, got.code, "the other files are read all the same")
	assert.Equal(t, "==> "+b+" <==\ntwo\n", got.out)
	assert.Contains(t, got.err, "chatstream: "+missing+": no such file")
	assert.Equal(t, 1, strings.Count(got.err, "\n"))
}

// TestErrors: an error is named with its place, and what can be read is printed.
func TestErrors(t *testing.T) {
	first := delta(`"content":"a"`)
	require.Len(t, first, 111)
	for name, test := range map[string]struct{ stream, out, err string }{
		"syntax error":   {first + "data: {\"x\":}\n\n" + delta(`"content":"b"`) + done, "ab\n", "event 2 at byte 111: payload, byte 5"},
		"provider":       {first + ": wait\n\ndata: {\"error\":{\"message\":\"overloaded\"}}\n\n" + done, "a\n", "event 2 at byte 119: error from the provider: overloaded"},
		"error field":    {first + "error: {\"code\":400}\n\n" + done, "a\n", "event 2 at byte 111: error from the provider"},
		"truncated":      {first, "a\n", "event 1 at byte 111: the stream ends without [DONE]"},
		"cut payload":    {first + `data: {"cho`, "a\n", "event 2 at byte 111: the stream ends within an event"},
		"empty":          {"", "", "at byte 0: the stream ends"},
		"HTML":           {"<html>\n", "", "not an event stream"},
		"JSON error":     {`{"error":{"message":"bad key"}}`, "", "bad key"},
		"error in chunk": {`data: {"error":"half","choices":[{"index":0,"delta":{"content":"b"}}]}` + "\n\n" + done, "b\n", "event 1 at byte 0: error from the provider: half"},
	} {
		t.Run(name, func(t *testing.T) {
			got := runOn(test.stream)
			assert.Equal(t, exitError, got.code)
			assert.Equal(t, test.out, got.out)
			assert.Contains(t, got.err, "chatstream: standard input: ")
			assert.Contains(t, got.err, test.err)
			assert.Equal(t, 1, strings.Count(got.err, "\n"), "one error, one line: %s", got.err)
			for _, mode := range []string{"-json", "-check", "-stats"} {
				inMode := runOn(test.stream, mode)
				assert.Equal(t, exitError, inMode.code, mode)
				assert.Equal(t, got.err, inMode.err, mode)
			}
		})
	}
}

func TestReaderFails(t *testing.T) {
	got := runWith(io.MultiReader(strings.NewReader(delta(`"content":"a"`)), failingReader{}))
	assert.Equal(t, exitError, got.code)
	assert.Equal(t, "a\n", got.out)
	assert.Contains(t, got.err, "event 1 at byte 111: read: "+os.ErrDeadlineExceeded.Error())
}

func TestReaderFailsInCheck(t *testing.T) {
	got := runWith(io.MultiReader(strings.NewReader(hi), failingReader{}), "-check")
	assert.Equal(t, exitError, got.code)
	assert.Contains(t, strings.Join(rows(got.out), "\n"), "error error/other 1 1 ")
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

// TestDocumentedFlags checks that each flag in the README's table and in the text of the
// guides is a flag of the command.
func TestDocumentedFlags(t *testing.T) {
	fs := new(options).flags()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(readme), "\n## The command\n")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "\n## ")
	guides, err := filepath.Glob("../../docs/guides/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, guides)
	for _, name := range guides {
		guide, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, command := range regexp.MustCompile("`(chatstream -[^`]*)`").FindAllStringSubmatch(string(guide), -1) {
			text += command[1] + "\n"
		}
	}
	flags := regexp.MustCompile("[ `]-([a-z]+)").FindAllStringSubmatch(strings.ReplaceAll(text, "curl -sN", ""), -1)
	require.GreaterOrEqual(t, len(flags), 6)
	for _, flag := range flags {
		assert.True(t, flag[1] == "help" || fs.Lookup(flag[1]) != nil, "there is no flag -%s", flag[1])
	}
}
