package relay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// chunkOf returns an event with the given content.
func chunkOf(content string) string {
	return fmt.Sprintf(`data: {"model":"m","choices":[{"index":0,"delta":{"content":%q}}]}`+"\n\n", content)
}

// partOf returns an event whose content is a list of parts.
func partOf(text string) string {
	return fmt.Sprintf(`data: {"model":"m","choices":[{"index":0,"delta":{"content":[{"type":"text","text":%q}]}}]}`+"\n\n", text)
}

// pass sends a stream through a filter that change has set up.
func pass(t *testing.T, stream io.Reader, change func(*filter)) (string, error) {
	t.Helper()
	f := newFilter(io.NopCloser(stream))
	defer f.Close()
	change(f)
	got, err := io.ReadAll(f)
	return string(got), err
}

// TestFilterLeavesTheRest: where nothing is to be changed no byte is, up to an event
// that is not whole.
func TestFilterLeavesTheRest(t *testing.T) {
	files, err := filepath.Glob("../../../../testdata/*.sse")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	cut := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		for name, r := range map[string]io.Reader{
			"whole":        bytes.NewReader(data),
			"byte by byte": iotest.OneByteReader(bytes.NewReader(data)),
		} {
			got, err := pass(t, r, func(*filter) {})
			require.NoError(t, err, file)
			if before, _, ok := strings.Cut(got, cutEvent); ok {
				cut++
				require.Contains(t, file, "truncated")
				require.True(t, strings.HasPrefix(string(data), strings.TrimSuffix(before, "\n\n")), "%s, %s", file, name)
				require.True(t, endsEvent([]byte(before)), "%s, %s", file, name)
				continue
			}
			want := string(data)
			if strings.Contains(file, "after-done") { // what follows [DONE] is not read
				want = want[:len(strings.TrimRight(got, "\r\n"))]
			}
			// Behind [DONE] there may be an empty line that was not read.
			require.Equal(t, strings.TrimRight(want, "\r\n"), strings.TrimRight(got, "\r\n"), "%s, %s", file, name)
		}
	}
	require.NotZero(t, cut)
}

// cutEvent is what the client gets in the place of the rest.
const cutEvent = `data: {"error":{"message":"upstream ended the stream before the answer was whole","type":"upstream_error"}}` + "\n\n"

// TestFilterRenames: the model, and not a byte more but in comments.
func TestFilterRenames(t *testing.T) {
	const before = ": ping\n\nid: 7\nevent: e\ndata:  {\"x\" : 1.0, \"model\" : \"secret\" , \"choices\":[{\"delta\":{\"content\":\"secret\",\"model\":\"secret\"}}]} \nretry: 5\n\n" +
		"data: {\"choices\":[]}\r\n\r\ndata: [DONE]\n\n"
	got, err := pass(t, strings.NewReader(before), func(f *filter) { f.rename = toPublic })
	require.NoError(t, err)
	want := strings.Replace(before, `"secret"`, `"public"`, 1)
	require.Equal(t, strings.Replace(want, ": ping", ":", 1), got)

	got, err = pass(t, strings.NewReader("event: e\ndata: {\"model\":\ndata: \"secret\"}\n\ndata: [DONE]\n\n"), func(f *filter) { f.rename = toPublic })
	require.NoError(t, err)
	require.NotContains(t, got, "secret")
	require.Contains(t, got, "event: e\n")
	require.Contains(t, got, `"public"`)
}

// TestRenameDoesNotLeak: the model's name stands in more places than the member.
func TestRenameDoesNotLeak(t *testing.T) {
	for _, before := range []string{
		": secret\n\n" + chunkOf("Hi"),
		":secret-2025\r" + chunkOf("Hi"),
		chunkOf("Hi") + ": secret\n\n",
		chunkOf("Hi") + ": secret", // at the end, without a line end
		"x-model: secret\n" + chunkOf("Hi"),
		"secret\n" + chunkOf("Hi"),
		" data: {\"model\":\"secret\"}\n" + chunkOf("Hi"),
		`data: no JSON "model":"secret"` + "\n\n" + chunkOf("Hi"),
		chunkOf("Hi") + `data: {"model":"secret"`,
		`data: {"error":{"message":"secret is busy"}}` + "\n\n" + chunkOf("Hi"),
		`data: {"error":{"message":"s\u0065cret is busy","n":1.0}}` + "\n\n" + chunkOf("Hi"),
		`data: {"error":"secret is busy","model":"secret"}` + "\n\n" + chunkOf("Hi"),
		"event: error\ndata: secret is busy\n\n" + chunkOf("Hi"),
		"error: secret is busy\n\n" + chunkOf("Hi"),
		"<html>secret is busy",
		`{"error":{"message":"secret is busy"}}`,
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(before), "byte by byte": iotest.OneByteReader(strings.NewReader(before))} {
			got, err := pass(t, r, func(f *filter) { f.rename = toPublic })
			require.NoError(t, err)
			require.NotContains(t, got, "secret", "%q, %s", before, name)
			require.NotContains(t, got, `\u0065cret`, "%q, %s", before, name)
			if strings.Contains(before, "busy") {
				require.Contains(t, got, "public is busy", "%q, %s", before, name)
			}
			if strings.Contains(before, "Hi") {
				require.Contains(t, got, `"content":"Hi"`, "%q, %s", before, name)
			}
		}
	}
}

// TestFilterRenamesErrors: a chunk with an error has the model's name too.
func TestFilterRenamesErrors(t *testing.T) {
	const before = `data: {"error":{"message":"busy"},"model":"secret","choices":[]}` + "\n\n" +
		"event: error\ndata: {\"message\":\"busy\",\"model\":\"secret\"}\n\nerror: busy\n\n" + `data: {"model":["secret"]}` + "\n\ndata: [DONE]\n\n"
	got, err := pass(t, strings.NewReader(before), func(f *filter) { f.rename = toPublic })
	require.NoError(t, err)
	require.Equal(t, strings.ReplaceAll(strings.Replace(before, `["secret"]`, `"secret"`, 1), "secret", "public"), got)
}

func TestFilterStripsUsage(t *testing.T) {
	text, usage := chunkOf("Hi"), `data: {"choices":[],"usage":{"total_tokens":3}}`+"\n\n"
	both := `data: {"choices":[{"index":0,"delta":{}}],"usage":{"total_tokens":3}}` + "\n\n"
	null := strings.Replace(text, "]}\n", `], "usage":null}`+"\n", 1) // a server that is asked says it in each chunk
	got, err := pass(t, strings.NewReader(text+null+both+usage+"data: [DONE]\n\n"), func(f *filter) { f.stripUsage = true })
	require.NoError(t, err)
	require.Equal(t, text+text+both+"data: [DONE]\n\n", got)
}

// TestFilterEnds: a connection that broke does break, [DONE] is the end, and nothing
// is appended to an event that is not whole.
func TestFilterEnds(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		stream  string
		readErr error
		want    string // with the error in the place of what is cut
		wantErr error
	}{
		{chunkOf("Hi"), io.EOF, chunkOf("Hi"), nil},
		{chunkOf("Hi") + ": ping\n\n", io.EOF, chunkOf("Hi") + ": ping\n\n", nil},
		{chunkOf("Hi"), broken, chunkOf("Hi") + cutEvent, broken},
		{chunkOf("Hi") + "data: {\"cut", io.EOF, chunkOf("Hi") + cutEvent, nil},
		{chunkOf("Hi") + "data: {\"cut", broken, chunkOf("Hi") + cutEvent, broken},
		{chunkOf("Hi") + ": ping\n\nevent: x\ndata: {\"cut", io.EOF, chunkOf("Hi") + ": ping\n\n" + cutEvent, nil},
		{chunkOf("Hi") + "event: x\n", io.EOF, chunkOf("Hi") + cutEvent, nil},
		{"data: {}\ndata: {\"cut", io.EOF, "data: {}\n\n\n" + cutEvent, nil},
		{"data: {}\r\n\r\ndata: {\"cut", io.EOF, "data: {}\r\n\r\n" + cutEvent, nil},
		{chunkOf("Hi") + "data: [DONE]\n\n", broken, chunkOf("Hi") + "data: [DONE]\n\n", nil},
		{"<html>", io.EOF, "<html>", nil},
		{"<html>", broken, "<html>", broken},
	} {
		r := io.MultiReader(strings.NewReader(test.stream), iotest.ErrReader(test.readErr))
		got, err := pass(t, r, func(*filter) {})
		require.Equal(t, test.wantErr, err, test.stream)
		require.Equal(t, test.want, got)
	}
}
