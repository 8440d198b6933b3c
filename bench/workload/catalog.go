package workload

import (
	"bytes"
	"strings"
	"sync"
)

// The names that others build on.
const (
	OpenAIText = "openai-text"
	Recorded   = "recordings"
	Mixed      = "mix"
	// TopLogprobs has log probabilities as they are asked for most.
	TopLogprobs = "top-logprobs"
)

// All lists the workloads, the recordings last where there are any; without
// them, missing says why. They are made once.
var All = sync.OnceValues(func() (list []*Workload, missing error) {
	text := newWorkload(OpenAIText, "OpenAI text with obfuscation, payloads of about 320 bytes", openaiText(1, 1000))
	list = []*Workload{
		text,
		newWorkload("openai-plain", "the same without obfuscation", openaiPlain(2, 1000)),
		newWorkload("deepseek", "reasoning_content, then content", deepseek(3, 1000)),
		newWorkload("deepseek-ticks", "the same, created ticking every 8 chunks", deepseekTicks(4, 1000)),
		newWorkload("tool-calls", "two calls, arguments in pieces", openaiTools(5, 1000)),
		newWorkload("logprobs", "one token and two rivals in each chunk", openaiLogprobs(6, 1000)),
		newWorkload(TopLogprobs, "one token and five top tokens in each chunk, numbers of 17 digits", openaiTopLogprobs(15, 1000)),
		newWorkload("two-choices", "n = 2, interleaved", openaiTwo(7, 1000)),
		newWorkload("usage-always", "usage so far in every chunk", openaiUsageAlways(8, 1000)),
		newWorkload("mistral", "content and the padding p", mistral(9, 1000)),
		newWorkload("perplexity", "4 KiB: the whole message, citations, usage; CRLF", perplexity(10, 150)),
		newWorkload("audio", "16 KiB of base64 in a chunk", openaiAudio(11, 40)),
		newWorkload("escapes", "escapes in every text", openaiEscapes(12, 1000)),
		newWorkload("chinese", "Chinese text in UTF-8", openaiChinese(13, 1000)),
		newWorkload("hostile", "never two chunks alike", hostile(14, 1000)),
		text.arriving("one-event-per-read", "openai-text, each event in a Read of its own", OneEvent),
		text.arriving("16KiB-reads", "openai-text in reads of 16 KiB", Blocks),
		Mix(),
	}
	recorded, err := Recordings()
	if err != nil {
		return list, err
	}
	return append(list, recorded), nil
})

// Find is the workload of this name.
func Find(name string) *Workload {
	list, _ := All()
	for _, w := range list {
		if w.Name == name {
			return w
		}
	}
	return nil
}

// Long is OpenAI text of about n chunks, made of a thousand of them again and again.
func Long(n int) *Loop {
	s := openaiText(1, 1000)
	first := firstEvent(s)
	// The last three events are the finish reason, the usage and [DONE].
	last := len(s)
	for range 3 {
		last = bytes.LastIndex(s[:last-2], blankLF) + 2
	}
	return &Loop{Head: s[:first], Body: s[first:last], Tail: s[last:], N: n / 1000}
}

// BigContent is a stream whose one text has n bytes, with an escape in every
// eighty of them where escaped is set.
func BigContent(n int, escaped bool) []byte {
	o := newOpenAI(1, prose)
	line := strings.Repeat("the chart is a polite story ", 3)[:80]
	if escaped {
		line = line[:79] + "\n"
	}
	o.role()
	o.delta(content(strings.Repeat(line, n/len(line))))
	o.finish("stop")
	return o.done()
}
