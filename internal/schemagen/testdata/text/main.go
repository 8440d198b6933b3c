// This program is built by TestNewMember, in a copy of the package whose Delta has a field
// Mood besides.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

const payload = `{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"mood":"gl\u00fccklich"},"finish_reason":null}]}`

func main() {
	var c chatstream.CreateChatCompletionData
	source := []byte(payload)
	check(chatstream.Unmarshal(source, &c) == nil, "decoding")
	mood := &c.Choices[0].Delta.Mood
	check(mood.IsSet() && mood.Value.String() == "glücklich", "decoded value")
	check(len(c.Choices[0].Delta.Extra) == 0, "it is in Extra")
	check(c.Validate() == nil, "valid, but: ", c.Validate())
	check(strings.Contains(string(c.AppendJSON(nil)), `"delta":{"mood":"glücklich"}`), "re-emission: ", string(c.AppendJSON(nil)))

	// A clone has memory of its own.
	k := c.Clone()
	check(k.Choices[0].Delta.Equal(c.Choices[0].Delta), "clone is equal")
	clear(mood.Value)
	check(k.Choices[0].Delta.Mood.Value.String() == "glücklich", "clone shares memory")
	check(!k.Choices[0].Delta.Equal(c.Choices[0].Delta), "Equal does not see the member")
	clear(source)
	check(k.Choices[0].Delta.Mood.Value.String() == "glücklich", "clone shares the payload")

	// Null and another shape.
	check(chatstream.Unmarshal([]byte(strings.Replace(payload, `"gl\u00fccklich"`, "null", 1)), &c) == nil, "decoding null")
	check(c.Choices[0].Delta.Mood.IsNull(), "null")
	check(objects(c.Validate(), "choices[0].delta.mood"), "Validate of null")
	check(strings.Contains(string(c.AppendJSON(nil)), `"mood":null`), "re-emission of null")
	check(chatstream.Unmarshal([]byte(strings.Replace(payload, `"gl\u00fccklich"`, "[7]", 1)), &c) == nil, "decoding another shape")
	v, ok := c.Choices[0].Delta.Extra.Get("mood")
	check(c.Choices[0].Delta.Mood.IsAbsent() && ok && string(v) == "[7]", "another shape")
	check(objects(c.Validate(), "choices[0].delta.mood"), "Validate of another shape")
	check(strings.Contains(string(c.AppendJSON(nil)), `"mood":[7]`), "re-emission of another shape")

	stream()
}

// stream decodes chunks that differ in the member alone.
func stream() {
	var b strings.Builder
	moods := []string{"a", "b", "", "cc", "d", "e\n", "f"}
	for _, m := range moods {
		fmt.Fprintf(&b, "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"mood\":%q},\"finish_reason\":null}]}\n\n", m)
	}
	b.WriteString("data: [DONE]\n\n")
	d := chatstream.NewDecoder(strings.NewReader(b.String()))
	var a chatstream.Accumulator
	var c chatstream.CreateChatCompletionData
	for i := 0; ; i++ {
		err := d.Decode(&c)
		if errors.Is(err, io.EOF) {
			check(i == len(moods), "number of chunks: ", i)
			break
		}
		check(err == nil, "Decode: ", err)
		check(c.Choices[0].Delta.Mood.Value.String() == moods[i], "chunk ", i, ": ", c.Choices[0].Delta.Mood.Value)
		var texts []byte
		for s, text := range c.Texts() {
			check(s.Kind == "mood", "surface ", s.Kind)
			texts = append(texts, text...)
		}
		check(bytes.Equal(texts, []byte(moods[i])), "Texts: ", string(texts))
		check(a.Add(&c) == nil, "Add")
	}
	v, ok := a.Completion().Choices[0].Message.Extra.Get("mood")
	text, isText := v.Text()
	check(ok && isText && text.String() == strings.Join(moods, ""), "accumulated: ", v)
}

func objects(err error, path string) bool {
	var v *chatstream.ValidationError
	return errors.As(err, &v) && strings.Contains(err.Error(), path)
}

func check(ok bool, what ...any) {
	if !ok {
		fmt.Println(what...)
		os.Exit(1)
	}
}
