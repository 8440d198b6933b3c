package chatstream

import "slices"

// Clone returns a deep copy of the chunk. Nothing in it is borrowed: it stays valid when
// the chunk is decoded into again.
func (c *CreateChatCompletionData) Clone() *CreateChatCompletionData {
	k := *c
	k.parser = nil
	cloneChunk(&k)
	return &k
}

func cloneExtra(extra *Members) {
	cloneList(extra, func(m *Member) {
		m.Name, m.Value = slices.Clone(m.Name), slices.Clone(m.Value)
	})
}

func cloneList[S ~[]T, T any](list *S, clone func(*T)) {
	*list = slices.Clone(*list)
	for i := range *list {
		clone(&(*list)[i])
	}
}

func clonePointer[T any](pointer **T, clone func(*T)) {
	if *pointer == nil {
		return
	}
	k := **pointer
	clone(&k)
	*pointer = &k
}
