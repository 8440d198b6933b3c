package fuzz_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// FuzzAppendEvent reads the output of AppendEvent: it must be one event with the given name and data, for any name and data, and
// with any bytes before and after it. The reference reader, the Scanner and, if the data is a payload, the Decoder must agree.
//
//	go test -run '^$' -fuzz '^FuzzAppendEvent$' ./fuzz
func FuzzAppendEvent(f *testing.F) {
	for _, name := range []string{"", "error", " padded", "id: 1", "a\nid: 1", "a\r\rdata: b\r\r"} {
		for _, data := range []string{"", " ", "{}", `{"a":"b"}`, "[DONE]", "a\nb", "a\rb", "a\r\nb", "\n", "\r\n\r\n", "a\n\nevent: error\ndata: b\n\n", "\uFEFF", ": c", "\x00\xFF"} {
			f.Add(name, []byte(data), []byte{1})
		}
	}
	seedPayloads(f, func(payload []byte) { f.Add("", payload, []byte{255}) })
	f.Fuzz(func(t *testing.T, name string, data, cuts []byte) {
		const before, after = "id: before\ndata: before\n\n", "data: after\n\n"
		stream := chatstream.AppendEvent([]byte(before), name, data)
		if !bytes.HasPrefix(stream, []byte(before)) || !bytes.HasSuffix(stream, []byte("\n\n")) {
			t.Fatalf("name %q, data %q: %q", name, data, stream)
		}
		stream = append(stream, after...)
		if strings.ContainsAny(name, "\r\n") {
			name = "" // it is left out
		}
		text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
		want := [][2]string{{"", "before"}, {name, text}, {"", "after"}}

		read := reference.Scan(string(stream), chatstream.DefaultMaxEventSize)
		if len(read.Events) != len(want) || read.Tail != "" || read.Retry != 0 {
			t.Fatalf("name %q, data %q: reads as %+v", name, data, read)
		}
		s := chatstream.NewScanner(&cutReader{stream: stream, cuts: cuts})
		for i, w := range want {
			if !s.Scan() {
				t.Fatalf("name %q, data %q: event %d is missing: %v", name, data, i+1, s.Err())
			}
			e, r := s.Event(), read.Events[i]
			for _, got := range [][2]string{{string(e.Type), string(e.Data)}, {r.Type, r.Data}} {
				if got != w {
					t.Fatalf("name %q, data %q: event %d is %q", name, data, i+1, got)
				}
			}
			if string(e.LastEventID) != "before" || s.Retry() != 0 {
				t.Fatalf("name %q, data %q: ID %q, retry %v", name, data, e.LastEventID, s.Retry())
			}
		}
		if s.Scan() || s.Err() != nil {
			t.Fatalf("name %q, data %q: something follows: %q, %v", name, data, s.Event().Raw, s.Err())
		}
		if json.Valid(data) && name == "" {
			requireSameChunk(t, data, stream[len(before):], cuts)
		}
	})
}

// requireSameChunk: a stream that begins with a payload as an event gives the chunk or the error that the payload gives.
func requireSameChunk(t *testing.T, payload, stream, cuts []byte) {
	t.Helper()
	var want, got chatstream.CreateChatCompletionData
	payload = bytes.TrimSpace(payload)
	if len(payload) == 0 || string(payload) == `""` {
		return // a keep-alive
	}
	wantErr := chatstream.Unmarshal(payload, &want)
	d := chatstream.NewDecoder(io.MultiReader(strings.NewReader(": \n\n"), &cutReader{stream: stream, cuts: cuts}))
	defer d.Close()
	err := d.Decode(&got)
	if (err == nil) != (wantErr == nil) || !bytes.Equal(got.AppendJSON(nil), want.AppendJSON(nil)) {
		t.Fatalf("payload %q\nas an event %v, %s\nalone       %v, %s", payload, err, got.AppendJSON(nil), wantErr, want.AppendJSON(nil))
	}
}
