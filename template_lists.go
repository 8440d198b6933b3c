package chatstream

// How a chunk gets lists of its own from a template, and a template from a chunk.

// reserve sees to it that a list, which is empty, has memory for n elements.
func reserve[T any](list *[]T, n int) {
	if cap(*list) < n {
		*list = make([]T, 0, n)
	}
}

// copier copies what a chunk has lists and pointers to, to the memory of a parser.
type copier struct {
	*parser
	chunk *CreateChatCompletionData
	links []link // from the chunk to the lists
}

// carve replaces a list by a copy of it in the arena.
func carve[S ~[]T, T any](p *copier, arena *[]T, list *S) {
	if *list == nil {
		return
	}
	n := len(*arena)
	*arena = append(*arena, *list...)
	*list = (*arena)[n:len(*arena):len(*arena)]
	addLink(p, list, arena, n)
}

// carvePointer replaces what a pointer points to by a copy of it in the arena.
func carvePointer[T any](p *copier, arena *[]T, pointer **T) {
	n := len(*arena)
	*arena = append(*arena, **pointer)
	*pointer = &(*arena)[n]
	addLink(p, pointer, arena, n)
}

// fill makes a list, which is empty, have these elements.
func fill[T any](list *[]T, elements []T) {
	if n := len(elements); n > 0 {
		reserve(list, n)
		*list = (*list)[:n]
		copy(*list, elements)
	}
}
