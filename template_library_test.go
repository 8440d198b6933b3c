package chatstream

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/testing/heap"
)

// answerOf is a stream as many send it: an event with the role, words, the finish reason, the
// usage. What is not given is another in each stream.
func answerOf(model string, stream, words int) string {
	var b strings.Builder
	event := func(choices, rest string) {
		fmt.Fprintf(&b, `data: {"id":"chatcmpl-%04d","object":"chat.completion.chunk","created":%d,"model":%q,"system_fingerprint":"fp_%s","choices":[%s]%s}`+"\n\n",
			stream, 1_700_000_000+stream, model, model, choices, rest)
	}
	event(`{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}`, "")
	for i := range words {
		event(fmt.Sprintf(`{"index":0,"delta":{"content":"word %d"},"finish_reason":null}`, i*i*stream), "")
	}
	event(`{"index":0,"delta":{},"finish_reason":"stop"}`, "")
	event("", fmt.Sprintf(`,"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}`, stream, words, stream+words))
	b.WriteString("data: [DONE]\n\n")
	return b.String()
}

// missed decodes a stream with the templates of a shelf, and returns which of its chunks had none.
func missed(t *testing.T, s *shelf, stream string) (indices []int) {
	d := NewDecoder(strings.NewReader(stream))
	plain := NewDecoder(strings.NewReader(stream))
	d.lessons.only, plain.lessons.off = s, true
	tap := NewTap(func(_ *CreateChatCompletionData, err error) { require.NoError(t, err) })
	tap.cursor.lessons.only = s
	var got, want CreateChatCompletionData
	for i := 0; plain.Decode(&want) == nil; i++ {
		before := d.Stats().Matched
		require.NoError(t, d.Decode(&got))
		require.True(t, want.Equal(got))
		if d.Stats().Matched == before {
			indices = append(indices, i)
		}
		_, _ = tap.Write(d.Event().Raw) // after the Decoder has learned
	}
	require.NoError(t, d.Close())
	require.GreaterOrEqual(t, tap.Stats().Matched, d.Stats().Matched)
	return indices
}

// TestTemplatesOfLoneEvents: the events that a stream has once have templates too, and these
// fit streams with another model. Words come often, so that their templates know the model.
func TestTemplatesOfLoneEvents(t *testing.T) {
	s := shelfOf(false)
	assert.Equal(t, []int{0, 1, 7, 8}, missed(t, s, answerOf("a", 1, 6)))
	assert.Empty(t, missed(t, s, answerOf("a", 2, 9)), "they are known")
	assert.Equal(t, []int{1}, missed(t, s, answerOf("another", 3, 9)), "its words")
	assert.Empty(t, missed(t, s, answerOf("another", 4, 9)))
	assert.Empty(t, missed(t, s, answerOf("a", 5, 9)))
	loose := 0
	for _, template := range s.library.recent {
		if template.loose {
			loose++
			assert.False(t, template.chunk.Model.IsNull())
			assert.Empty(t, template.chunk.Model.Value)
			assert.Empty(t, template.chunk.SystemFingerprint.Value)
		}
	}
	assert.Equal(t, 3, loose)

	// Where the models take turns, each event still has a template that was looked for first.
	s.atHand = nil
	for i := range 40 {
		m := missed(t, s, answerOf(fmt.Sprint("model ", i%8), i, 9))
		if s.atHand = nil; i >= 16 {
			assert.Empty(t, m)
		}
	}
}

// TestLooseTemplates: what fits any model is for events that are alone. Where words follow one
// another they get a template of their own, also if the model changes from word to word.
func TestLooseTemplates(t *testing.T) {
	word := func(model, text string) string { return chunkOf("a", `"content":"`+text+`"`, `,"model":"`+model+`"`) }
	words := func(models ...string) (stream string) {
		for i := range 20 {
			stream += word(models[i%len(models)], fmt.Sprint("word ", i))
		}
		return stream
	}
	for name, models := range map[string][]string{"one model": {"b"}, "two models": {"b", "c"}} {
		s := shelfOf(false)
		missed(t, s, word("a", "alone")+"data: [DONE]\n\n")
		require.Len(t, s.library.recent, 1)
		assert.Empty(t, missed(t, s, word("b", "alone")+"data: [DONE]\n\n"))
		assert.LessOrEqual(t, len(missed(t, s, words(models...)+"data: [DONE]\n\n")), 2, name)
		assert.Empty(t, missed(t, s, word("d", "alone")+"data: [DONE]\n\n"), name)
		d := NewDecoder(strings.NewReader(words(models...)))
		d.lessons.only = s
		for range 20 {
			require.NoError(t, d.Decode(new(CreateChatCompletionData)))
		}
		assert.False(t, d.lessons.template.loose, name)
		assert.EqualValues(t, 20, d.Stats().Matched, name)
	}

	// A model that changes with each word is a hole, and that template is not taken for the one of lone events.
	s, various := shelfOf(false), ""
	missed(t, s, word("a", "alone")+"data: [DONE]\n\n")
	for i := range 20 {
		various += word(fmt.Sprint("model ", i), "word")
	}
	assert.LessOrEqual(t, len(missed(t, s, various+"data: [DONE]\n\n")), 3)

	// Several at the end of a stream are alone, also if they are alike.
	s = shelfOf(false)
	const last = `data: {"id":"a","model":"MODEL","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	missed(t, s, last+"data: [DONE]\n\n")
	stream := strings.ReplaceAll(last+last+last, "MODEL", "new") + "data: [DONE]\n\n"
	assert.Empty(t, missed(t, s, stream))
}

// TestTemplatesOfManyModels: a stream of a model that is new misses its words alone, also when
// there is no room for everything.
func TestTemplatesOfManyModels(t *testing.T) {
	s := shelfOf(false)
	for range 3 {
		missed(t, s, answerOf("first", 1, 6))
	}
	for i := range 3 * fewTemplates {
		model := fmt.Sprint("model ", i)
		assert.LessOrEqual(t, len(missed(t, s, answerOf(model, i, 6))), 2, model)
	}
}

// TestLibraryIsShared: what was learned by way of one shelf is found by way of a new one.
func TestLibraryIsShared(t *testing.T) {
	s := shelfOf(false)
	missed(t, s, answerOf("a", 1, 6))
	other := new(shelf)
	other.renew(s.library)
	assert.Empty(t, missed(t, other, answerOf("a", 2, 6)))

	late := new(shelf)
	late.renew(s.library)
	missed(t, s, answerOf("b", 3, 6))
	assert.Equal(t, []int{1}, missed(t, late, answerOf("b", 4, 6)), "it is found by its digest")
	assert.Len(t, s.library.recent, 5, "and not made again")
}

// TestLibraryForgets: there is a bound for the number of templates and for their bytes, and
// no shelf keeps what the library has forgotten.
func TestLibraryForgets(t *testing.T) {
	for _, size := range []int{10, 5000} {
		s := shelfOf(false)
		kept := &template{digest: 1}
		s.library.add(kept, 0)
		for i := range 3 * maxTemplates {
			added := &template{digest: uint64(2 + i), event: make([]byte, size)}
			s.library.add(added, guess(i%len(s.guesses)))
			s.put(added, guess(i%len(s.guesses)))
			if i%100 == 0 {
				assert.Same(t, kept, s.library.look(1, nil, 0).template, "it is in use")
			}
			require.LessOrEqual(t, len(s.library.recent), maxTemplates)
			require.LessOrEqual(t, len(s.library.older), maxTemplates)
			sum := 0
			for _, template := range s.library.recent {
				sum += template.size()
				require.Nil(t, s.library.older[template.digest])
			}
			require.Equal(t, sum, s.library.size)
			require.LessOrEqual(t, sum, maxLibrary)
		}
		assert.Positive(t, s.library.forgotten.Load())
		require.Less(t, len(s.library.recent)+len(s.library.older), 3*maxTemplates)

		s.renew(s.library)
		known := 0
		for _, likely := range s.guesses {
			for _, template := range likely {
				if template != nil {
					known++
					require.True(t, s.library.has(template.digest))
				}
			}
		}
		assert.Positive(t, known)
		require.LessOrEqual(t, len(s.atHand), maxAtHand)
	}
}

// TestTemplateSize: the bound is for the bytes that templates really take.
func TestTemplateSize(t *testing.T) {
	if poisoned {
		t.Skip("each payload has memory of its own")
	}
	s := shelfOf(true)
	s.library.recent = make(map[uint64]*template, maxTemplates)
	before := heap.Live()
	for i := range 300 {
		missed(t, s, sharedEvent(fmt.Sprintf(`"x%d":"WORD","choices":[{"index":0,"delta":{"content":"WORD","tool_calls":[{"index":0},{"index":1}]}}]`, i), "a", "b", 1))
	}
	took := heap.Live() - before
	require.Len(t, s.library.recent, 300)
	require.LessOrEqual(t, took, s.library.size)
	require.GreaterOrEqual(t, took, s.library.size/2)
	runtime.KeepAlive(s)
}

// TestLibraryHoldsNothing: what is kept of streams, with templates of lone events too, has no
// id, no word and no number of them, and only those that know a model have its name.
func TestLibraryHoldsNothing(t *testing.T) {
	s := shelfOf(false)
	for i := range 4 {
		missed(t, s, strings.ReplaceAll(answerOf("canary", 4711+i, 6), "word", "goldfinch"))
	}
	for _, template := range s.library.recent {
		eachBytes(reflect.ValueOf(template).Elem(), map[any]bool{}, func(b []byte) {
			for _, canary := range []string{"chatcmpl-", "goldfinch", "4711", "4712", "1700004"} {
				assert.NotContains(t, string(b), canary)
			}
			if template.loose {
				assert.NotContains(t, string(b), "canary")
			}
		})
	}
	require.Len(t, s.library.recent, 4)
	require.False(t, bytes.Contains(s.placer.between[:cap(s.placer.between)], []byte("goldfinch")))
}

// TestLibraryIsSafe: streams on many goroutines learn from one library at once. It is for
// the race detector.
func TestLibraryIsSafe(t *testing.T) {
	shared := new(library)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range 20 {
				s := new(shelf)
				s.renew(shared)
				stream := answerOf(fmt.Sprint("m", (i+k)%5), i*100+k, 6)
				d := NewDecoder(strings.NewReader(stream))
				d.lessons.only = s
				var got, want CreateChatCompletionData
				for _, event := range strings.SplitAfter(strings.TrimSuffix(stream, "data: [DONE]\n\n"), "\n\n") {
					if event == "" {
						break
					}
					assert.NoError(t, d.Decode(&got))
					assert.NoError(t, Unmarshal([]byte(strings.TrimPrefix(event, "data: ")), &want))
					assert.True(t, want.Equal(got))
				}
			}
		})
	}
	all.Wait()
	assert.LessOrEqual(t, len(shared.recent), 3+5)
}
