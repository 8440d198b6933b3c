package workload

import (
	"fmt"
	"strings"
)

// hostile never sends two similar chunks: order of members, names, lengths and values change each
// time. Learning a template from them is wasted work.
func hostile(seed uint64, n int) []byte {
	s := newStream(seed, prose)
	for i := range n {
		finish := "null"
		if i == n-1 {
			finish = `"stop"`
		}
		choice := s.object(
			`"index":0`,
			`"finish_reason":`+finish,
			`"logprobs":null`,
			`"delta":`+s.object(
				`"content":`+quote(s.phrase(1+s.rng.IntN(3))),
				fmt.Sprintf(`"%s":%d`, s.letters(1+s.rng.IntN(6), alphanumeric), s.rng.IntN(1000)),
			),
		)
		s.data("%s", s.object(
			`"id":"`+s.letters(1+s.rng.IntN(60), alphanumeric)+`"`,
			`"object":"chat.completion.chunk"`,
			fmt.Sprintf(`"created":%d`, s.rng.IntN(1<<31)),
			`"model":"`+s.letters(1+s.rng.IntN(40), alphanumeric)+`"`,
			`"choices":[`+choice+`]`,
			fmt.Sprintf(`"%s":"%s"`, s.letters(3+s.rng.IntN(8), alphanumeric), s.letters(s.rng.IntN(60), alphanumeric)),
		))
	}
	return s.done()
}

// object is an object of these members in any order.
func (s *stream) object(members ...string) string {
	s.rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, ",") + "}"
}
