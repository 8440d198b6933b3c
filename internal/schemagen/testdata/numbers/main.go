// This program is built by TestNewMember, in a copy of the package whose Usage has a number
// SearchUnits and whose Choice has a pointer Mirror to an object besides.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

const payload = `{"object":"chat.completion.chunk","choices":[{"index":0,"mirror":{"name":"n","arguments":"{}"},"delta":{},"finish_reason":null}],"usage":{"search_units":7}}`

func main() {
	var c chatstream.CreateChatCompletionData
	check(chatstream.Unmarshal([]byte(payload), &c) == nil, "decoding")
	units, mirror := &c.Usage.Value.SearchUnits, &c.Choices[0].Mirror
	check(units.IsSet() && units.Value == 7, "decoded number")
	check(mirror.IsSet() && mirror.Value.Name.Value.String() == "n", "decoded object")
	check(c.Validate() == nil, "valid, but: ", c.Validate())
	out := string(c.AppendJSON(nil))
	check(strings.Contains(out, `"search_units":7`) && strings.Contains(out, `"mirror":{"name":"n","arguments":"{}"}`), "re-emission: ", out)

	k := c.Clone()
	check(k.Choices[0].Equal(c.Choices[0]) && k.Usage.Equal(c.Usage), "clone is equal")
	check(k.Choices[0].Mirror.Value != mirror.Value, "clone shares the object")
	mirror.Value.Name.Value[0] = 'm'
	check(k.Choices[0].Mirror.Value.Name.Value.String() == "n", "clone shares the object's text")
	check(!k.Choices[0].Equal(c.Choices[0]), "Equal does not see the object")
	units.Value++
	check(!k.Usage.Equal(c.Usage), "Equal does not see the number")

	for _, value := range []string{`null`, `"7"`, `7.5`, `[]`} {
		check(chatstream.Unmarshal([]byte(strings.Replace(payload, ":7}", ":"+value+"}", 1)), &c) == nil, "decoding ", value)
		check(objects(c.Validate(), "usage.search_units"), "Validate of ", value)
		check(strings.Contains(string(c.AppendJSON(nil)), `"search_units":`+value), "re-emission of ", value)
	}
	for _, value := range []string{`7`, `[]`, `"a"`} {
		check(chatstream.Unmarshal([]byte(strings.Replace(payload, `{"name":"n","arguments":"{}"}`, value, 1)), &c) == nil, "decoding ", value)
		check(objects(c.Validate(), "choices[0].mirror"), "Validate of ", value)
		check(strings.Contains(string(c.AppendJSON(nil)), `"mirror":`+value), "re-emission of ", value)
	}
	stream()
}

// stream decodes chunks that differ in the members alone.
func stream() {
	var b strings.Builder
	for i := range 8 {
		b.WriteString("data: " + strings.NewReplacer(`"n"`, fmt.Sprintf(`"n%d"`, i), ":7}", fmt.Sprintf(":%d}", i)).Replace(payload) + "\n\n")
	}
	b.WriteString("data: [DONE]\n\n")
	d := chatstream.NewDecoder(strings.NewReader(b.String()))
	var a chatstream.Accumulator
	var c chatstream.CreateChatCompletionData
	var last *chatstream.FunctionCall
	for i := 0; ; i++ {
		err := d.Decode(&c)
		if errors.Is(err, io.EOF) {
			check(i == 8, "number of chunks: ", i)
			break
		}
		check(err == nil, "Decode: ", err)
		check(c.Usage.Value.SearchUnits.Value == int64(i), "number of chunk ", i)
		last = c.Choices[0].Mirror.Value
		check(last.Name.Value.String() == fmt.Sprint("n", i), "object of chunk ", i, ": ", last.Name.Value)
		check(a.Add(&c) == nil, "Add")
	}
	v, ok := a.Completion().Choices[0].Extra.Get("mirror")
	check(ok && strings.Contains(string(v), `"n7"`), "accumulated: ", v)
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
