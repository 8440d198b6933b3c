package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// onTerminal runs the command with standard output and standard error on one
// terminal, and returns what it shows.
func onTerminal(stream string, args ...string) (shown string, code int) {
	var screen tty
	code = run(args, strings.NewReader(stream), &screen, &screen, testSystem)
	return screen.String(), code
}

const hostile = `"content":"a\u001b[2J\u0007b\r\nc\td\u009b31m\u007f"`

func TestControlCharacters(t *testing.T) {
	shown, _ := onTerminal(delta(hostile) + done)
	assert.Equal(t, `a\u001b[2J\u0007b\u000d`+"\nc\td"+`\u009b31m\u007f`+"\n", shown)
	assert.Equal(t, "a\x1b[2J\ab\r\nc\td\u009b31m\x7f\n", runOn(delta(hostile)+done).out, "unchanged elsewhere")
}

// hiding has characters that change the order of text or have no width.
const hiding = "\u00ad\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\U000e0041\U000e0101"

func TestHiddenCharacters(t *testing.T) {
	for _, r := range hiding {
		assert.True(t, isUnsafe(r), "%U", r)
	}
	for _, r := range "a \t\n\u00e9\u0301\u05d0\u0627\u0600\u3000\u5b57\U0001f600\u2764\ufe0f" {
		assert.False(t, isUnsafe(r), "%U", r)
	}
	shown, _ := onTerminal(delta(`"content":"a\u202e\u200b\udb40\udc41\u2764\ufe0fb"`) + done)
	assert.Equal(t, `a\u202e\u200b\udb40\udc41`+"\u2764\ufe0fb\n", shown)
	sent := delta(`"content":"x\u200dy\udb40\udc41"`)
	shown, _ = onTerminal(sent+done, "-json")
	assert.Contains(t, shown, `x\u200dy\udb40\udc41`)
	assert.JSONEq(t, strings.TrimPrefix(sent, "data: "), shown, "the value is kept")
	assert.Equal(t, `a\u202e\u115f\nb\x1b`, printable("a\u202e\u115f\nb\x1b"))
}

// TestNothingHostile: no control character of a provider reaches a terminal, in any mode.
func TestNothingHostile(t *testing.T) {
	const evil = "\x1b]0;x\a\x9b\u009b\r\x00" + hiding
	stream := "data: {\"x\x1b\":1}\n\n" + evil + ": x\n" + "event: " + evil + "\nid: \x00\n" +
		delta(`"content":"\u001b`+hiding+`","reasoning":"\u009b`+hiding+`","`+"\x9b"+`":0,"`+"\x9b"+`":0`) +
		delta(`"tool_calls":[{"index":0,"function":{"name":"\u001b[31m`+hiding+`","arguments":"\u001b`+hiding+`"}}]`) +
		`data: {"choices":[{"index":1,"delta":{"content":"\u001b","\u001b":0,"\u001b":1}}]}` + "\n\n" +
		`data: {"object":"\u001b` + hiding + `","model":"` + hiding + `","error":{"message":"\u001b[2J\r\u0085` + hiding + `","code":"\u009b"}}` + "\n\n" + evil
	for _, mode := range []string{"-json=false", "-json", "-completion", "-check", "-stats", "-check -json", "-stats -json", "-check -strict=note"} {
		shown, code := onTerminal(stream, strings.Fields(mode)...)
		assert.Equal(t, exitError, code)
		own := strings.NewReplacer("\x1b[2m", "", "\x1b[22m", "")
		for _, r := range own.Replace(shown) {
			require.False(t, r != '\n' && (unicode.IsControl(r) || strings.ContainsRune(hiding, r)), "%s: %q in %q", mode, r, shown)
		}
		assert.True(t, len(shown) > 0)
	}
	shown, _ := onTerminal("", "-check", "no\x1b[31msuch")
	assert.NotContains(t, shown, "\x1b")
}

func TestReasoning(t *testing.T) {
	stream := delta(`"reasoning_content":"Let me "`) + delta(`"reasoning_content":"think."`) +
		delta(`"content":"Yes"`) + delta(`"content":"."`) + done
	shown, _ := onTerminal(stream)
	assert.Equal(t, "\x1b[2mLet me \x1b[22m\x1b[2mthink.\x1b[22m\n\nYes.\n", shown)
	assert.Equal(t, outcome{0, "Yes.\n", "Let me think.\n"}, runOn(stream))

	var out bytes.Buffer
	var screen tty
	run(nil, strings.NewReader(stream), &out, &screen, testSystem)
	assert.Equal(t, "Yes.\n", out.String())
	assert.Equal(t, "\x1b[2mLet me \x1b[22m\x1b[2mthink.\x1b[22m\n", screen.String(), "dimmed on standard error")

	plain := testSystem
	plain.terminal = func(io.Writer) *terminal { return &terminal{columns: 80} }
	screen.Reset()
	run(nil, strings.NewReader(stream), &screen, &screen, plain)
	assert.Equal(t, "Let me think.\n\nYes.\n", screen.String(), "no escape sequences where they are not wanted")
}

// TestErrorBetween: an error is shown on its own line, and the answer continues.
func TestErrorBetween(t *testing.T) {
	shown, code := onTerminal(delta(`"content":"one"`) + "data: {\n\n" + delta(`"content":" two"`) + done)
	assert.Equal(t, exitError, code)
	assert.Equal(t, "one\nchatstream: standard input: event 2 at byte 113: payload, byte 1: unexpected end of JSON input: it begins with \"{\"\n two\n", shown)
}

func TestProgress(t *testing.T) {
	file := filepath.Join(t.TempDir(), "big.sse")
	var big strings.Builder
	for big.Len() < 200<<10 {
		big.WriteString(delta(`"content":"` + strings.Repeat("x", 300) + `"`))
	}
	big.WriteString(done)
	require.NoError(t, os.WriteFile(file, []byte(big.String()), 0o600))
	now := time.Now()
	slow := testSystemAt(func() time.Time { now = now.Add(30 * time.Millisecond); return now })
	slow.bigFile = 100 << 10
	const status = " of 2"

	for mode, want := range map[string]bool{"-check": true, "-stats": true, "-json": true, "-json=false": true} {
		var out bytes.Buffer
		var screen tty
		require.Zero(t, run([]string{mode, file}, nil, &out, &screen, slow))
		assert.Equal(t, want, strings.Contains(screen.String(), status), mode)
		assert.True(t, strings.HasSuffix(screen.String(), "\x1b[K\r\x1b[K"), "the line is gone at the end")
		assert.NotContains(t, out.String(), status)
	}
	for _, mode := range []string{"-json", "-json=false"} {
		var screen tty
		require.Zero(t, run([]string{mode, file}, nil, &screen, &screen, slow))
		assert.NotContains(t, screen.String(), status, "the output itself shows the progress")
	}
	var screen tty
	run([]string{"-check", file}, nil, &screen, &screen, slow)
	assert.Contains(t, screen.String(), "\x1b[K\r\x1b[K"+printable(file)+": ", "it is gone before the table comes")
	assert.NotContains(t, runOn("", "-check", file).err, status, "no terminal, no progress line")
	screen.Reset()
	run([]string{"-check", streamFile("openai-text")}, nil, &screen, &screen, slow)
	assert.NotContains(t, screen.String(), "\r", "small files have none")
}

// TestStatusLine: a status line is as wide as the terminal, and as harmless as text.
func TestStatusLine(t *testing.T) {
	var screen tty
	c := newConsole(&screen, terminalOfTest(&screen))
	c.setStatus("m\x1b[2J\u202e\n" + strings.Repeat("é", 100))
	assert.Equal(t, "\r"+`m\x1b[2J\u202e\n`+strings.Repeat("é", 60-1-len(`m\x1b[2J\u202e\n`))+"\x1b[K", screen.String())
}

func TestByteCount(t *testing.T) {
	for n, want := range map[float64]string{0: "0 B", 999: "999 B", 1234: "1.23 kB", 5e6: "5 MB", 123456789: "123 MB", 2.5e12: "2500.0 GB"} {
		assert.Equal(t, want, byteCount(n))
	}
}
