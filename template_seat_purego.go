//go:build purego

package chatstream

// fieldPlace would be an offset: without unsafe there is none.
type fieldPlace struct{}

func (*hole) text(*CreateChatCompletionData) *Text { return nil }

func (*hole) setText(*CreateChatCompletionData, []byte, int, int) {}

func (*hole) integer(*CreateChatCompletionData) *int64 { return nil }

func (*hole) number(*CreateChatCompletionData) *float64 { return nil }

func (*hole) integers(*CreateChatCompletionData) *[]int64 { return nil }

func (*hole) inChoice() bool { return false }

func (*hole) inList() bool { return false }

func fieldPlaceOf[T any](*CreateChatCompletionData, *parser, *T) (p fieldPlace, found bool) {
	return fieldPlace{}, false
}

type link struct{}

func addLink[P, T any](*copier, *P, *[]T, int) {}

// copyLists gives dst, a copy of the template's chunk with its choices, the other lists.
func (t *template) copyLists(p *parser, dst *CreateChatCompletionData) {
	p.lists.reserve(&t.n)
	c := copier{parser: p, chunk: dst}
	c.copyChunk(dst)
	p.lists.choice = p.lists.choice[:0]
}
