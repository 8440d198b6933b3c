package chatstream

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// samePlain demands that the parser and its plain form agree about a payload, down
// to the marks that no field shows.
func samePlain(t *testing.T, payload []byte, got *CreateChatCompletionData) {
	t.Helper()
	var want CreateChatCompletionData
	wantAt, wantFault := plainParse(payload, &want)
	at, fault := parse(payload, got)
	require.Equal(t, wantFault, fault, "%q", payload)
	require.Equal(t, wantAt, at, "%q", payload)
	bare := *got
	bare.parser = nil
	require.Equal(t, want, bare, "%q", payload)
}

// payloadsOf returns the payloads of all test streams and, where they are, of the
// recordings.
func payloadsOf(t testing.TB) (payloads [][]byte) {
	for _, stream := range templateStreams(t) {
		for _, line := range bytes.Split(stream, []byte("\n")) {
			if data, found := bytes.CutPrefix(line, []byte("data:")); found {
				payloads = append(payloads, data)
			}
		}
	}
	return payloads
}

// TestParserIsPlain: the fast parser gives the results of the plain parser, for used structs and for
// changed payloads.
func TestParserIsPlain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var reused CreateChatCompletionData
	bytesOf := []byte(`{}[]:,"\\ n0123456789-+.eE` + "\n\x00\x7f\x80\xc3\xff")
	for _, payload := range payloadsOf(t) {
		samePlain(t, payload, &reused)
		if len(payload) == 0 {
			continue
		}
		changed := bytes.Clone(payload)
		for range 3 {
			changed[random.IntN(len(changed))] = bytesOf[random.IntN(len(bytesOf))]
			samePlain(t, changed, &reused)
		}
		samePlain(t, payload[:random.IntN(len(payload))], &reused)

		// With the spaces of a server in Python, all of them or some.
		spaced := spaced(payload, random.IntN(3) > 0, random)
		samePlain(t, spaced, &reused)
		spaced[random.IntN(len(spaced))] = bytesOf[random.IntN(len(bytesOf))]
		samePlain(t, spaced, &reused)
	}
}

// spaced puts a space after each comma and colon that stands outside a string, or
// after some of them.
func spaced(payload []byte, all bool, random *rand.Rand) []byte {
	var b []byte
	inString := false
	for i, c := range payload {
		b = append(b, c)
		switch {
		case c == '"' && (i == 0 || payload[i-1] != '\\'):
			inString = !inString
		case (c == ',' || c == ':') && !inString && (all || random.IntN(2) > 0):
			b = append(b, ' ')
		}
	}
	return b
}

// FuzzParser compares the parser with the plain parser, with a struct that was used for another
// payload.
func FuzzParser(f *testing.F) {
	names, err := filepath.Glob("testdata/*.sse")
	require.NoError(f, err)
	for _, name := range names {
		stream, err := os.ReadFile(name)
		require.NoError(f, err)
		for i, line := range bytes.Split(stream, []byte("\n")) {
			if data, found := bytes.CutPrefix(line, []byte("data: ")); found && len(data) < 1<<10 && i < 12 {
				f.Add([]byte(`{"model":"m","id":"i"}`), data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, before, payload []byte) {
		var reused CreateChatCompletionData
		samePlain(t, before, &reused)
		samePlain(t, payload, &reused)
	})
}
