package workload

import (
	"cmp"
	"fmt"
	"strings"
)

// openai is the envelope of OpenAI's chunks, in the order of its members.
type openai struct {
	*stream
	id, model   string
	obfuscation bool
	logprobs    bool   // "logprobs":null in every choice
	digits      string // how log probabilities are written; empty: %.8f
	size        int    // of an event, to which obfuscation fills it up; 0: of any size
}

func newOpenAI(seed uint64, text string) *openai {
	s := newStream(seed, text)
	return &openai{
		stream:   s,
		id:       "chatcmpl-" + s.letters(29, alphanumeric),
		model:    "gpt-harbour-mini-2026-01-01",
		logprobs: true,
	}
}

// chunk writes a chunk with these choices and this usage.
func (o *openai) chunk(choices, usage string) {
	payload := fmt.Sprintf(`{"id":"%s","object":"chat.completion.chunk","created":%d,"model":"%s","service_tier":"default","system_fingerprint":"fp_3c1a0b9d77","choices":[%s],"usage":%s}`,
		o.id, created, o.model, choices, usage)
	if o.obfuscation {
		payload = payload[:len(payload)-1] + `,"obfuscation":"` + o.padding(payload) + `"}`
	}
	o.data("%s", payload)
}

// padding hides how long the text of a payload is.
func (o *openai) padding(payload string) string {
	n := 1 + o.rng.IntN(16)
	if o.size > 0 {
		n = max(1, o.size-len("data: ")-len(payload)-len(`,"obfuscation":""`)-len("\n\n"))
	}
	return o.letters(n, alphanumeric)
}

func (o *openai) choice(index int, delta, finish string) string {
	logprobs := ""
	if o.logprobs {
		logprobs = `"logprobs":null,`
	}
	return fmt.Sprintf(`{"index":%d,"delta":%s,%s"finish_reason":%s}`, index, delta, logprobs, finish)
}

// delta writes a chunk of the first choice.
func (o *openai) delta(delta string) { o.chunk(o.choice(0, delta, "null"), "null") }

func (o *openai) role() { o.delta(`{"role":"assistant","content":"","refusal":null}`) }

func (o *openai) finish(reason string) {
	o.chunk(o.choice(0, `{}`, quote(reason)), "null")
	o.chunk("", openaiUsage(o.rng.IntN(4000)))
}

func content(text string) string { return `{"content":` + quote(text) + `}` }

func openaiUsage(completion int) string {
	return fmt.Sprintf(`{"prompt_tokens":211,"completion_tokens":%d,"total_tokens":%d,"prompt_tokens_details":{"cached_tokens":128,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`,
		completion, completion+211)
}

func openaiText(seed uint64, n int) []byte {
	o := newOpenAI(seed, prose)
	o.obfuscation = true
	return o.text(n)
}

func openaiPlain(seed uint64, n int) []byte {
	return newOpenAI(seed, prose).text(n)
}

func openaiChinese(seed uint64, n int) []byte {
	o := newOpenAI(seed, chinese)
	o.obfuscation = true
	return o.text(n)
}

func (o *openai) text(n int) []byte {
	o.role()
	for range n - 3 {
		o.delta(content(o.token()))
	}
	o.finish("stop")
	return o.done()
}

// openaiTools calls two functions, one after the other, arguments in pieces.
func openaiTools(seed uint64, n int) []byte {
	o := newOpenAI(seed, prose)
	o.obfuscation = true
	for call := range 2 {
		head := `"role":"assistant","content":null,`
		if call > 0 {
			head = ""
		}
		o.delta(fmt.Sprintf(`{%s"tool_calls":[{"index":%d,"id":"call_%s","type":"function","function":{"name":"note_sounding","arguments":""}}]}`,
			head, call, o.letters(24, alphanumeric)))
		o.arguments(call, `{"`)
		for range max(n/2-4, 1) {
			o.arguments(call, o.argument())
		}
		o.arguments(call, `"}`)
	}
	o.finish("tool_calls")
	return o.done()
}

func (o *openai) arguments(call int, text string) {
	o.delta(fmt.Sprintf(`{"tool_calls":[{"index":%d,"function":{"arguments":%s}}]}`, call, quote(text)))
}

// argument is a piece of JSON text: mostly a word, sometimes what stands between two.
func (o *openai) argument() string {
	if o.rng.IntN(6) == 0 {
		return `":"`
	}
	return strings.TrimSpace(o.token())
}

// openaiLogprobs has one token and its two likeliest rivals in each chunk.
func openaiLogprobs(seed uint64, n int) []byte {
	o := newOpenAI(seed, prose)
	o.role()
	for range n - 3 {
		t := o.token()
		o.chunk(fmt.Sprintf(`{"index":0,"delta":%s,"logprobs":{"content":[%s],"refusal":null},"finish_reason":null}`,
			content(t), o.logprob(t, `,"top_logprobs":[`+o.logprob(t, "")+","+o.logprob(o.token(), "")+`]`)), "null")
	}
	o.finish("stop")
	return o.done()
}

// openaiTopLogprobs has one token and its five likeliest rivals in each chunk, with
// numbers of 17 digits.
func openaiTopLogprobs(seed uint64, n int) []byte {
	o := newOpenAI(seed, prose)
	o.digits = "%.17g"
	o.role()
	for range n - 3 {
		t := o.token()
		rivals := []string{o.logprob(t, "")}
		for range 4 {
			rivals = append(rivals, o.logprob(o.token(), ""))
		}
		o.chunk(fmt.Sprintf(`{"index":0,"delta":%s,"logprobs":{"content":[%s],"refusal":null},"finish_reason":null}`,
			content(t), o.logprob(t, `,"top_logprobs":[`+strings.Join(rivals, ",")+`]`)), "null")
	}
	o.finish("stop")
	return o.done()
}

func (o *openai) logprob(token, more string) string {
	var codes []string
	for _, c := range []byte(token) {
		codes = append(codes, fmt.Sprint(c))
	}
	return fmt.Sprintf(`{"token":%s,"logprob":`+cmp.Or(o.digits, "%.8f")+`,"bytes":[%s]%s}`,
		quote(token), -o.rng.ExpFloat64(), strings.Join(codes, ","), more)
}

// openaiTwo is n=2: the chunks of two answers in turn.
func openaiTwo(seed uint64, n int) []byte {
	o := newOpenAI(seed, prose)
	o.obfuscation = true
	for i := range n - 3 {
		delta := content(o.token())
		if i < 2 {
			delta = `{"role":"assistant","content":"","refusal":null}`
		}
		o.chunk(o.choice(i%2, delta, "null"), "null")
	}
	o.chunk(o.choice(1, `{}`, `"stop"`), "null")
	o.finish("stop")
	return o.done()
}

// openaiUsageAlways has usage so far in every chunk (continuous_usage_stats).
func openaiUsageAlways(seed uint64, n int) []byte {
	o := newOpenAI(seed, prose)
	o.role()
	for i := range n - 3 {
		o.chunk(o.choice(0, content(o.token()), "null"), openaiUsage(i+1))
	}
	o.finish("stop")
	return o.done()
}

// openaiAudio speaks: 16 KiB of base64 in each chunk, what is said between them.
func openaiAudio(seed uint64, n int) []byte {
	o := newOpenAI(seed, prose)
	o.obfuscation, o.logprobs = true, false
	o.delta(fmt.Sprintf(`{"role":"assistant","refusal":null,"audio":{"id":"audio_%s"}}`, o.letters(32, hexDigits)))
	for i := range n - 4 {
		if i%8 == 0 {
			o.delta(`{"audio":{"transcript":` + quote(o.phrase(4)) + `}}`)
			continue
		}
		o.delta(`{"audio":{"data":"` + o.base64(16<<10) + `"}}`)
	}
	o.delta(fmt.Sprintf(`{"audio":{"expires_at":%d}}`, created+3600))
	o.finish("stop")
	return o.done()
}

// openaiEscapes has something to unescape in every text: what code, quotations and
// servers that write ASCII only look like.
func openaiEscapes(seed uint64, n int) []byte {
	pieces := []string{`\n\n`, `\"`, `\t`, `\\`, `\u00e9`, `\u2014`, `\ud83d\udea2`, `\/`, `\u003c`}
	o := newOpenAI(seed, prose)
	o.obfuscation = true
	o.role()
	for range n - 3 {
		piece := pieces[o.rng.IntN(len(pieces))]
		o.delta(`{"content":"` + piece + strings.Trim(quote(o.token()), `"`) + `"}`)
	}
	o.finish("stop")
	return o.done()
}
