package chatstream_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/seed-08fc7208/chatstream"
)

// A stream that stalls is ended by an idle timeout: a timer closes the Decoder from its
// own goroutine, and each chunk puts it off. A deadline for the whole answer is the
// request's context (http.NewRequestWithContext), whose error Decode returns.
func ExampleDecoder_Close() {
	model := stalled() // sends one chunk, and then nothing
	defer model.Close()

	resp, err := http.Get(model.URL)
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

	const first, further = time.Minute, 100 * time.Millisecond
	idle := time.AfterFunc(first, func() { d.Close() })
	defer idle.Stop()
	for chunk, err := range d.All() {
		if errors.Is(err, chatstream.ErrClosed) {
			fmt.Println("nothing came for too long")
			return
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		idle.Reset(further)
		fmt.Println(chunk.Choices[0].Delta.Content.Value)
	}
	// Output:
	// Hello
	// nothing came for too long
}

// stalled is a provider that sends a chunk and then nothing, and stays connected.
func stalled() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
}
