package chatstream_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// The code of docs/guides/guardrail.md for a word that two chunks share.

// wordMask masks a word in the texts of a stream. In the content of each choice it also
// finds the word where two or more chunks share it. The word must not be empty.
type wordMask struct {
	word, mask []byte
	held       map[int64][]byte // by choice: an end of the content that may begin the word
}

// edit masks the word in one text. It holds back the end of a content if that end may be
// the beginning of the word.
func (m *wordMask) edit(at chatstream.Surface, text chatstream.Text) chatstream.Text {
	if at.Kind != chatstream.SurfaceContent || at.Raw {
		return bytes.ReplaceAll(text, m.word, m.mask)
	}
	text = bytes.ReplaceAll(append(m.held[at.Choice], text...), m.word, m.mask)
	end := min(len(text), len(m.word)-1)
	for !bytes.HasPrefix(m.word, text[len(text)-end:]) {
		end--
	}
	m.held[at.Choice] = bytes.Clone(text[len(text)-end:])
	return text[:len(text)-end]
}

// release adds what is held back to the content of choices that have finished.
func (m *wordMask) release(chunk *chatstream.Chunk) {
	for i := range chunk.Choices {
		choice := &chunk.Choices[i]
		held := m.held[choice.Index.Value]
		if choice.FinishReason.Value == "" || len(held) == 0 {
			continue
		}
		content := append(bytes.Clone(choice.Delta.Content.Value), held...)
		choice.Delta.Content = chatstream.Some(chatstream.Text(content))
		delete(m.held, choice.Index.Value)
	}
}

// maskWord is a handler that sends a request on to the server at target, and masks a word
// in the stream that comes back.
func maskWord(target, word, mask string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), r.Method, target+r.URL.Path, r.Body)
		if err != nil {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", r.Header.Get("Authorization"))
		resp, err := http.DefaultClient.Do(request)
		if err != nil {
			http.Error(w, "upstream cannot be reached", http.StatusBadGateway)
			return
		}
		d, err := chatstream.FromResponse(resp) // decodes gzip and deflate
		if err != nil {
			http.Error(w, "upstream did not send a stream", http.StatusBadGateway)
			return
		}
		defer d.Close()
		w.Header().Set("Content-Type", "text/event-stream")
		m := wordMask{word: []byte(word), mask: []byte(mask), held: map[int64][]byte{}}
		flush := http.NewResponseController(w).Flush
		var event []byte
		for chunk, err := range d.All() {
			if err != nil {
				w.Write(refused) // its text is not masked
				return
			}
			chunk.Disambiguate()
			chunk.EditTexts(m.edit)
			m.release(chunk)
			for i := range chunk.Choices {
				chunk.Choices[i].Logprobs = chatstream.Null[*chatstream.Logprobs]()
				chunk.Choices[i].Delta.Audio = chatstream.Null[*chatstream.Audio]()
			}
			event = chunk.AppendEvent(event[:0], "")
			if _, err := w.Write(event); err != nil {
				return
			}
			flush()
		}
		for choice, content := range m.held { // of choices without a finish reason
			if len(content) > 0 {
				w.Write(contentEvent(choice, content))
			}
		}
		io.WriteString(w, "data: [DONE]\n\n")
	}
}

// contentEvent is an event with a piece of content.
func contentEvent(choice int64, content chatstream.Text) []byte {
	chunk := chatstream.Chunk{Object: "chat.completion.chunk", Choices: make([]chatstream.Choice, 1)}
	chunk.Choices[0].Index = chatstream.Some(choice)
	chunk.Choices[0].Delta.Content = chatstream.Some(content)
	return chunk.AppendEvent(nil, "")
}

// maskedContent sends contents through maskWord, one in each chunk, and returns the content
// that a client gets.
func maskedContent(t *testing.T, word string, finish bool, contents ...string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, content := range contents {
			w.Write(contentEvent(0, chatstream.Text(content)))
		}
		if finish {
			io.WriteString(w, `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`+"\n\n")
		}
		io.WriteString(w, "data: [DONE]\n\n")
	}))
	defer server.Close()
	front := httptest.NewServer(maskWord(server.URL, word, "***"))
	defer front.Close()
	resp, err := http.Post(front.URL, "application/json", strings.NewReader(`{"stream":true}`))
	require.NoError(t, err)
	d, err := chatstream.FromResponse(resp)
	require.NoError(t, err)
	defer d.Close()
	var text strings.Builder
	finished := false
	for chunk, err := range d.All() {
		require.NoError(t, err)
		for _, choice := range chunk.Choices {
			require.False(t, finished, "content after the finish reason")
			text.Write(choice.Delta.Content.Value)
			finished = choice.FinishReason.IsSet()
		}
	}
	assert.True(t, d.Done())
	return text.String()
}

// TestMaskWord: the word is masked wherever it is cut, and no other text is lost.
func TestMaskWord(t *testing.T) {
	const text = "ends ends with endings: sends en"
	for _, finish := range []bool{true, false} {
		for i := range len(text) {
			for j := i; j < len(text); j += 5 {
				got := maskedContent(t, "ending", finish, text[:i], text[i:j], text[j:])
				require.Equal(t, "ends ends with ***s: sends en", got, "cut at %d and %d", i, j)
			}
		}
	}
	assert.Equal(t, "aab***", maskedContent(t, "aac", true, "aa", "b", "a", "a", "c"))
	assert.Equal(t, "a***", maskedContent(t, "aac", true, "a", "a", "ac"))
}

// A handler that masks a word in a stream, also where two chunks share it.
func Example_guardrailMaskWord() {
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"My sec"},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"content":"ret is safe"},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: [DONE]

`)
	}))
	defer model.Close()
	front := httptest.NewServer(maskWord(model.URL, "secret", "******"))
	defer front.Close()

	resp, err := http.Post(front.URL+"/v1/chat/completions", "application/json", strings.NewReader(`{"stream":true}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := chatstream.FromResponse(resp)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer d.Close()
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q\n", chunk.Choices[0].Delta.Content.Value)
	}
	// Output:
	// "My "
	// "****** is safe"
	// ""
}
