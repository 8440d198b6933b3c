package chatstream

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
)

// maker makes random streams. One in rare of the members that are not usual is in a shape.
type maker struct {
	*rand.Rand
	rare int
}

// written writes a value or an event. What it writes next has the same shape, mostly.
type written func() string

func (r maker) oneIn(n int) bool              { return r.IntN(n) == 0 }
func (r maker) oneOf(values ...string) string { return values[r.IntN(len(values))] }

// cut returns what gives the length of the first part of a stream: all of it, one event, or
// some bytes.
func (r maker) cut() func([]byte) int {
	switch n := r.IntN(8); n {
	case 4, 5, 6, 7:
		return func(rest []byte) int { return len(rest) }
	case 3:
		return func(rest []byte) int { return len(bytes.SplitAfterN(rest, []byte("\n\n"), 2)[0]) }
	default:
		longest := []int{1, 20, 300}[n]
		return func(rest []byte) int { return min(len(rest), 1+r.IntN(longest)) }
	}
}

// stream writes events of the shapes, some in a row of each.
func (r maker) stream(shapes []written) []byte {
	var b []byte
	event, row := shapes[r.IntN(len(shapes))], 2+r.IntN(20)
	for range r.IntN(70) {
		if r.oneIn(row) {
			event = shapes[r.IntN(len(shapes))]
		}
		b = append(b, event()...)
	}
	return append(b, r.oneOf("data: [DONE]\n\n", "", "data: [DONE]\r\n\r\n")...)
}

// event returns what writes events of one shape.
func (r maker) event() written {
	prefix, end := r.oneOf("data: ", "data: ", "data:"), r.oneOf("\n\n", "\n\n", "\r\n\r\n")
	if r.oneIn(20) {
		prefix, end = r.oneOf("data:  ", prefix), r.oneOf("\r\r", "\n\r\n", end)
	}
	r.rare = 2 + r.IntN(10)
	payload := r.object("chunk")
	if r.oneIn(15) {
		payload = r.among("{}", "{}", "{}", `{"a":1}`, "null", "[]")
	}
	var last, event string
	return func() string {
		last, event = event, prefix+payload()+end
		at := r.IntN(len(event))
		switch r.IntN(100) {
		case 0:
			return event[:at] + string([]byte{byte(r.IntN(256))}) + event[at+1:]
		case 1, 2: // the byte before a value
			at = min(at+1+strings.IndexByte(event[at:], ':'), len(event)-1)
			return event[:at] + r.oneOf(`"`, "x", " ", "-", "[", "n") + event[at+1:]
		case 3, 4, 5, 6: // the last byte that the last event has in common with it: there an opening ends
			for at = 0; at < min(len(event), len(last))-1 && event[at] == last[at]; at++ {
			}
			at = max(at-1, 0)
			return event[:at] + r.oneOf(`"`, "x", " ", "-", "[", "n") + event[at+1:]
		case 7:
			return event[:at] + event[at+1:]
		case 8:
			return event[:at] + r.oneOf(`"`, `\`, "{", "}", "0", "\n", "\r", ",") + event[at:]
		case 9:
			return r.oneOf(": comment\n", "id: 7\n", "event: x\n", "\n", "data: \n\n", "\xef\xbb\xbf", `{"error":{"message":"x"}}`+"\n\n") + event
		case 10: // glued to the next one
			return strings.TrimRight(event, "\r\n") + r.oneOf("\n", "\r\n", "")
		case 11, 12, 13, 14: // keep-alives, fewer than the least limit has bytes
			for range 1 + r.IntN(4) {
				event = r.oneOf(": comment\n", ":\n\n", ": waiting\n\n", "\n", ":\r\n\r\n", ":\r") + event
			}
		}
		return event
	}
}

// objects has the members of objects, each with what its value is. A choice* is a list of choices.
var objects = map[string]string{
	"chunk": "id:id object:enum created:time model:fixed provider:fixed service_tier:fixed system_fingerprint:fixed " +
		"choices:choice* usage:usage obfuscation:text error:none x:any",
	"choice":   "index:count delta:delta logprobs:logprobs finish_reason:enum content_filter:any",
	"delta":    "role:enum content:text refusal:none reasoning:text reasoning_content:text tool_calls:call* function_call:function audio:audio x:any",
	"call":     "index:count id:text type:enum function:function",
	"function": "name:text arguments:text",
	"audio":    "id:text transcript:text data:text expires_at:count",
	"logprobs": "content:token* refusal:none",
	"token":    "token:text logprob:number bytes:counts top_logprobs:top*",
	"top":      "token:text logprob:number bytes:counts",
	"usage":    "prompt_tokens:count completion_tokens:count total_tokens:count cost:cost prompt_tokens_details:details",
	"details":  "cached_tokens:count audio_tokens:count x:any",
}

// memberValues has values of members, those that are frequent several times.
var memberValues = map[string][]string{
	"none": {"null"},
	"text": {`"a"`, `" the"`, `"gpt-4"`, `"null"`, `""`, `"chatcmpl-0123456789abcd0"`, `"chatcmpl-0123456789abcd1"`,
		`"012345678901234"`, `"0123456789012345"`, `"01234567890123456"`, `"` + strings.Repeat("abcdefgh", 5) + `"`, `"` + strings.Repeat("x", 150) + `"`,
		`"\n"`, `"\u0061\/b"`, `"\"}],\""`, `"gpt\u002d4"`, `"\ud800"`, `"\u0000"`, `"é世界"`, "\"\xff\xfe\""},
	"enum":   {`""`, `"stop"`, `"assistant"`, `"function"`, `"chat.completion.chunk"`, `"st\u006fp"`, `"odd"`},
	"time":   {"1700000000", "1700000000", "1700000000", "1700000001", "170", "1700000000.5", "-170000000", "17000000001", strings.Repeat("\x00", 10)},
	"count":  {"0", "0", "1", "1", "2", "7", "12", "127", "2000"},
	"counts": {"[]", "[1]", "[104,101]", "[1, 2,3]", "[0,255,7,9]", "[12]", "[1,null]"},
	"number": {"0", "7", "12", "-1", "-0", "1.0", "1e2", "100e-1", "-0.125", "3.14159", "1700000000", "9007199254740993", "99999999999999999999", "1E1"},
	"cost":   {"0.25", "1e-3", "null", "0", `"1"`, "{}"},
	"any": {"null", "true", "{}", "[]", "7", "-1.5e3", `"x"`, `"\u0061\"]"`, `{"a":[1,"}"]}`, `[[[]], {"a":{"b":null}}]`,
		`[{"type":"text","text":"a"}]`},
	"odd": {"null", "-1", "17e1", "nul", "[1", `"a`, "[1,]", `{"a"}`, "[1,\n2]", "+1", "01", "1.", "1E400", `"\x"`, "\"a\tb\"", ""},
}

// object returns what writes objects that have some of the members.
func (r maker) object(kind string) written {
	var members []written
	colon := r.oneOf(":", ":", ": ")
	for member := range strings.FieldsSeq(objects[kind]) {
		name, of, _ := strings.Cut(member, ":")
		usual := slices.Contains([]string{"id", "created", "model", "choices", "index", "delta", "content", "token", "cost"}, name)
		if usual && r.oneIn(8) || !usual && !r.oneIn(r.rare) {
			continue
		}
		if r.oneIn(30) {
			name = r.oneOf(`\u0079`, "Content", "", "é", strings.Replace(name, "e", `\u0065`, 1))
		}
		value := r.value(of)
		add := func() string { return `"` + name + `"` + colon + value() }
		if members = append(members, add); r.oneIn(60) { // a duplicate
			members = append(members, add)
		}
	}
	if r.oneIn(4) {
		r.Shuffle(len(members), func(i, k int) { members[i], members[k] = members[k], members[i] })
	}
	return r.all("{", members, r.oneOf(",", ",", ", "), "}")
}

// value returns what writes values of a kind, and others at times.
func (r maker) value(kind string) written {
	usual := r.among(memberValues[kind]...)
	of, isList := strings.CutSuffix(kind, "*")
	switch {
	case isList:
		var elements []written
		for range []int{1, 1, 1, 1, 1, 0, 2, 3}[r.IntN(8)] {
			elements = append(elements, r.object(of))
		}
		usual = r.all("[", elements, ",", "]")
	case objects[kind] != "":
		usual = r.object(kind)
	case kind == "fixed":
		usual = r.mostly(r.oneOf(memberValues["text"]...), r.among(memberValues["text"]...))
	case kind == "id":
		usual = r.mostly(r.oneOf(`"a"`, `"chatcmpl-0123456789abcd0"`), r.among(memberValues["text"]...))
	case kind == "enum", kind == "any", kind == "count" && r.oneIn(2), kind == "time" && !r.oneIn(4):
		usual = r.mostly(usual(), usual)
	}
	if r.oneIn(80) { // a misfit
		usual = r.among(r.oneOf(memberValues["any"]...), "null")
	}
	return func() string {
		if r.oneIn(250) {
			return r.oneOf(memberValues[r.oneOf("any", "odd")]...)
		}
		return usual()
	}
}

// among returns what writes one of the values.
func (r maker) among(values ...string) written {
	return func() string { return r.oneOf(values...) }
}

// mostly returns what writes one value, and others at times.
func (r maker) mostly(value string, others written) written {
	return func() string {
		if r.oneIn(30) {
			return others()
		}
		return value
	}
}

// all returns what writes all parts, but for one at times.
func (r maker) all(begin string, parts []written, comma, end string) written {
	return func() string {
		var now []string
		for _, part := range parts {
			if !r.oneIn(300) {
				now = append(now, part())
			}
		}
		return begin + strings.Join(now, comma) + end
	}
}

// change does to a chunk what a caller may do.
func (r maker) change(c *CreateChatCompletionData) {
	spoiled := Text("spoiled")
	switch r.IntN(7) {
	case 0:
		*c = CreateChatCompletionData{}
	case 1:
		*c = *c.Clone()
	case 2:
		c.ID, c.Created, c.Choices, c.Usage = Some(spoiled), Null[float64](), nil, Optional[*Usage]{}
	case 3:
		for i := range c.Choices {
			choice := &c.Choices[i]
			choice.Delta.Content, choice.FinishReason = Some(spoiled), Some(FinishReason("spoiled"))
			choice.Extra = append(choice.Extra, Member{Name: spoiled, Value: RawValue("1")})
			for k := range choice.Delta.ToolCalls.Value {
				choice.Delta.ToolCalls.Value[k] = ToolCall{ID: Some(spoiled)}
			}
			if choice.Logprobs.Value != nil {
				*choice.Logprobs.Value = Logprobs{}
			}
		}
		c.Choices = append(c.Choices, Choice{Delta: Delta{Content: Some(spoiled)}})
		c.Extra = append(c.Extra, Member{Name: spoiled, Value: RawValue("1")})
	case 4:
		clear(c.Choices)
		clear(c.Extra)
		if c.Usage.Value != nil {
			*c.Usage.Value = Usage{TotalTokens: Some[int64](99)}
		}
	}
}
