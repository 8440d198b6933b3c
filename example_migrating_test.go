package chatstream_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/seed-08fc7208/chatstream"
)

// The loops of docs/migrating.md, as they are afterwards.

// printText prints the text of an answer as it comes.
func printText(resp *http.Response) error {
	d, err := chatstream.FromResponse(resp)
	if err != nil {
		return err
	}
	defer d.Close()
	for chunk, err := range d.All() {
		if err != nil {
			return err
		}
		for _, choice := range chunk.Choices {
			fmt.Print(choice.Delta.Content.Value)
		}
	}
	return nil
}

// printFinish prints the finish reasons of an answer.
func printFinish(resp *http.Response) error {
	d, err := chatstream.FromResponse(resp)
	if err != nil {
		return err
	}
	defer d.Close()
	var chunk chatstream.CreateChatCompletionData
	for {
		err := d.Decode(&chunk)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for _, choice := range chunk.Choices {
			if reason, ok := choice.FinishReason.Get(); ok {
				fmt.Println(reason)
			}
		}
	}
}

// forward passes a stream on and prints the usage on the way.
func forward(w io.Writer, r io.Reader) error {
	d := chatstream.NewDecoder(r)
	defer d.Close()
	for chunk, err := range d.All() {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return err // the last Raw may be half an event, which nothing can follow
		}
		if _, err := w.Write(d.Event().Raw); err != nil {
			return err
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		if usage, ok := chunk.Usage.Get(); ok { // it may come beside an error
			fmt.Println(usage.TotalTokens.Value)
		}
	}
	if d.Done() {
		_, err := w.Write(d.Event().Raw)
		return err
	}
	return nil
}

func Example_migrating() {
	model := upstream()
	defer model.Close()
	for _, use := range []func(*http.Response) error{
		printText,
		printFinish,
		func(resp *http.Response) error {
			defer resp.Body.Close()
			return forward(io.Discard, resp.Body)
		},
	} {
		resp, err := http.Get(model.URL)
		if err == nil {
			err = use(resp)
		}
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// Hello, worldstop
	// 12
}
