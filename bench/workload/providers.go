package workload

import (
	"fmt"
	"strings"
)

// reasoner is a server that thinks aloud in reasoning_content and then answers.
func reasoner(seed uint64, n int, tick bool) []byte {
	s := newStream(seed, prose)
	id := s.letters(8, hexDigits) + "-" + s.letters(4, hexDigits) + "-4d1c-9b3e-" + s.letters(12, hexDigits)
	at := created
	chunk := func(delta, finish, usage string) {
		s.data(`{"id":"%s","object":"chat.completion.chunk","created":%d,"model":"harbour-reasoner","system_fingerprint":"fp_1b44c2d09e_kvcache","choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}],"usage":%s}`,
			id, at, delta, finish, usage)
	}
	chunk(`{"role":"assistant","content":null,"reasoning_content":""}`, "null", "null")
	for i := range n - 2 {
		if tick && i%8 == 7 { // a model writes some tens of chunks in a second; this is harder
			at++
		}
		if i < n*3/4 {
			chunk(`{"content":null,"reasoning_content":`+quote(s.token())+`}`, "null", "null")
		} else {
			chunk(`{"content":`+quote(s.token())+`,"reasoning_content":null}`, "null", "null")
		}
	}
	chunk(`{"content":"","reasoning_content":null}`, `"stop"`,
		`{"prompt_tokens":19,"completion_tokens":714,"total_tokens":733,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":540},"prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":19}`)
	return s.done()
}

func deepseek(seed uint64, n int) []byte      { return reasoner(seed, n, false) }
func deepseekTicks(seed uint64, n int) []byte { return reasoner(seed, n, true) }

// mistral pads every chunk with p, a piece of the alphabet of any length.
func mistral(seed uint64, n int) []byte {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	s := newStream(seed, prose)
	id := s.letters(32, hexDigits)
	chunk := func(delta, finish, more string) {
		s.data(`{"id":"%s","object":"chat.completion.chunk","created":%d,"model":"harbour-large-latest","choices":[{"index":0,"delta":%s,"finish_reason":%s}]%s,"p":"%s"}`,
			id, created, delta, finish, more, alphabet[:1+s.rng.IntN(len(alphabet))])
	}
	chunk(`{"role":"assistant","content":""}`, "null", "")
	for range n - 2 {
		chunk(content(s.phrase(1+s.rng.IntN(4))), "null", "")
	}
	chunk(content(""), `"stop"`, `,"usage":{"prompt_tokens":9,"total_tokens":212,"completion_tokens":203}`)
	return s.done()
}

// mistralParts answers in content parts, which no struct with a text content takes.
func mistralParts(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	id := s.letters(32, hexDigits)
	chunk := func(delta, finish string) {
		s.data(`{"id":"%s","object":"chat.completion.chunk","created":%d,"model":"harbour-thinker-latest","choices":[{"index":0,"delta":%s,"finish_reason":%s}]}`,
			id, created, delta, finish)
	}
	chunk(`{"role":"assistant","content":""}`, "null")
	for i := range n - 2 {
		if i < n*3/4 {
			chunk(`{"content":[{"type":"thinking","thinking":[{"type":"text","text":`+quote(s.token())+`}]}]}`, "null")
		} else {
			chunk(content(s.token()), "null")
		}
	}
	chunk(content(""), `"stop"`)
	return s.done()
}

// perplexity repeats the whole message, its citations and usage in every chunk,
// with CRLF and without [DONE]: about 4 KiB a chunk.
func perplexity(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	s.eol = "\r\n"
	id := s.letters(8, hexDigits) + "-77aa-4c10-8f3b-" + s.letters(12, hexDigits)
	var citations, results []string
	for i := range 9 {
		url := fmt.Sprintf("https://example.org/%s/%d", s.letters(18, alphanumeric), i)
		citations = append(citations, quote(url))
		results = append(results, fmt.Sprintf(`{"title": %s, "url": %s, "date": "2025-11-%02d", "snippet": %s}`,
			quote(s.phrase(7)), quote(url), i+1, quote(s.phrase(18))))
	}
	whole := s.phrase(240)
	for i := range n {
		token := s.token()
		whole += token
		finish := "null"
		object := "chat.completion.chunk"
		if i == n-1 {
			finish, object = `"stop"`, "chat.completion.done"
		}
		s.data(`{"id": "%s", "model": "harbour-search", "created": %d, "usage": {"prompt_tokens": 12, "completion_tokens": %d, "total_tokens": %d, "search_context_size": "low", "cost": {"input_tokens_cost": 0.000012, "total_cost": 0.0052}}, "citations": [%s], "search_results": [%s], "object": "%s", "choices": [{"index": 0, "finish_reason": %s, "message": {"role": "assistant", "content": %s}, "delta": {"role": "assistant", "content": %s}}]}`,
			id, created, i+1, i+13, strings.Join(citations, ", "), strings.Join(results, ", "), object, finish, quote(whole), quote(token))
	}
	return s.bytes()
}

// groq reasons in reasoning and closes with usage in x_groq.
func groq(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	id := "chatcmpl-" + s.letters(8, hexDigits) + "-11ee-4f02-a1b2-" + s.letters(12, hexDigits)
	chunk := func(delta, finish, more string) {
		s.data(`{"id":"%s","object":"chat.completion.chunk","created":%d,"model":"harbour/h3-32b","system_fingerprint":"fp_90ab12cd34","choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}]%s}`,
			id, created, delta, finish, more)
	}
	chunk(`{"role":"assistant","content":""}`, "null", `,"x_groq":{"id":"req_`+s.letters(26, alphanumeric)+`"}`)
	for i := range n - 2 {
		member := "reasoning"
		if i > n/2 {
			member = "content"
		}
		chunk(`{"`+member+`":`+quote(s.token())+`}`, "null", "")
	}
	chunk(`{}`, `"stop"`, `,"x_groq":{"usage":{"queue_time":0.038,"prompt_tokens":17,"prompt_time":0.002,"completion_tokens":612,"completion_time":1.02,"total_tokens":629,"total_time":1.022}}`)
	return s.done()
}

// azure sorts its members, begins with an empty chunk and filters every one.
func azure(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	id := "chatcmpl-" + s.letters(29, alphanumeric)
	const safe = `{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}}`
	s.data(`{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":%s}]}`, safe)
	chunk := func(filter, delta, finish string) {
		s.data(`{"choices":[{"content_filter_results":%s,"delta":%s,"finish_reason":%s,"index":0,"logprobs":null}],"created":%d,"id":"%s","model":"harbour-4-2026","obfuscation":"%s","object":"chat.completion.chunk","system_fingerprint":"fp_ab12cd34ef","usage":null}`,
			filter, delta, finish, created, id, s.letters(1+s.rng.IntN(16), alphanumeric))
	}
	chunk(`{}`, `{"content":"","refusal":null,"role":"assistant"}`, "null")
	for range n - 3 {
		chunk(safe, content(s.token()), "null")
	}
	chunk(`{}`, `{}`, `"stop"`)
	return s.done()
}

// hosted is a reasoning model behind Azure: nulls for what it does not use, created ticking.
func hosted(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	id := s.letters(32, hexDigits)
	for i := range n {
		finish, text := "null", s.phrase(2)
		if i == n-1 {
			finish = `"stop"`
		}
		delta := `"content":null,"reasoning_content":` + quote(text)
		if i > n*4/5 {
			delta = `"content":` + quote(text) + `,"reasoning_content":null`
		}
		s.data(`{"id":"%s","object":"chat.completion.chunk","created":%d,"model":"harbour-v4-pro","choices":[{"index":0,"delta":{"role":null,%s,"tool_calls":null},"logprobs":null,"finish_reason":%s,"matched_stop":null}],"usage":null}`,
			id, created+i/20, delta, finish)
	}
	return s.bytes()
}

// qwen begins with the choices and ends with the id.
func qwen(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	id := "chatcmpl-" + s.letters(8, hexDigits) + "-8f1b-9182-a1dc-" + s.letters(12, hexDigits)
	for i := range n {
		finish := "null"
		if i == n-1 {
			finish = `"stop"`
		}
		delta := `{"content":null,"reasoning_content":` + quote(s.token()) + `}`
		if i > n*3/4 {
			delta = `{"content":` + quote(s.token()) + `,"reasoning_content":null}`
		}
		s.data(`{"choices":[{"delta":%s,"finish_reason":%s,"index":0,"logprobs":null}],"object":"chat.completion.chunk","usage":null,"created":%d,"system_fingerprint":null,"model":"harbour-max","id":"%s"}`,
			delta, finish, created, id)
	}
	return s.bytes()
}

// zai leaves out what is null.
func zai(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	id := "2026010112000" + s.letters(17, hexDigits)
	for i := range n {
		member, finish := "reasoning_content", ""
		if i > n*2/3 {
			member = "content"
		}
		if i == n-1 {
			finish = `"finish_reason":"stop",`
		}
		s.data(`{"id":"%s","created":%d,"object":"chat.completion.chunk","model":"harbour-4.7-flash","choices":[{"index":0,%s"delta":{"role":"assistant","%s":%s}}]}`,
			id, created, finish, member, quote(s.token()))
	}
	return s.done()
}

// openrouter sends comments first and every thought twice.
func openrouter(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	id := fmt.Sprintf("gen-%d-%s", created, s.letters(20, alphanumeric))
	for range 3 {
		s.comment("PROCESSING")
	}
	chunk := func(delta, finish string) {
		s.data(`{"id":"%s","object":"chat.completion.chunk","created":%d,"model":"harbour/pilot-4.5","provider":"Quay Cloud","choices":[{"index":0,"delta":%s,"finish_reason":%s,"native_finish_reason":%s}]}`,
			id, created, delta, finish, finish)
	}
	for i := range n - 1 {
		text := quote(s.phrase(2))
		if i < n/2 {
			chunk(`{"content":"","role":"assistant","reasoning":`+text+`,"reasoning_details":[{"type":"reasoning.text","text":`+text+`,"format":"pilot-v1","index":0}]}`, "null")
		} else {
			chunk(`{"content":`+text+`,"role":"assistant"}`, "null")
		}
	}
	chunk(`{"content":"","role":"assistant"}`, `"stop"`)
	return s.done()
}

// ollama repeats the role and ticks.
func ollama(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	chunk := func(i int, delta, finish string) {
		s.data(`{"id":"chatcmpl-%d","object":"chat.completion.chunk","created":%d,"model":"harbour3","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":%s,"finish_reason":%s}]}`,
			seed%1000, created+i/40, delta, finish)
	}
	for i := range n - 1 {
		chunk(i, `{"role":"assistant","content":"","reasoning":`+quote(s.token())+`}`, "null")
	}
	chunk(n, `{"role":"assistant","content":""}`, `"stop"`)
	return s.done()
}

// litellm is n=2 with little around it.
func litellm(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	id := "chatcmpl-" + s.letters(8, hexDigits) + "-66a5-4370-9ce0-" + s.letters(12, hexDigits)
	for i := range n {
		finish := ""
		if i >= n-2 {
			finish = `"finish_reason":"stop",`
		}
		s.data(`{"id":"%s","created":%d,"model":"harbour-3.5","object":"chat.completion.chunk","choices":[{%s"index":%d,"delta":%s}],"stream_options":{"include_usage":true}}`,
			id, created, finish, i%2, content(s.token()))
	}
	return s.done()
}
