//go:build purego

package chatstream

// fieldPlace would be an offset: without unsafe there is none.
type fieldPlace struct{}

func (*hole) text(*CreateChatCompletionData) *Text { return nil }

func (*hole) setText(*CreateChatCompletionData, []byte, int, int) {}

func (*hole) integer(*CreateChatCompletionData) *int64 { return nil }

func (*hole) number(*CreateChatCompletionData) *float64 { return nil }

func (*hole) inChoice() bool { return false }

func fieldPlaceOf[T any](*CreateChatCompletionData, *T) (p fieldPlace, found bool) {
	return fieldPlace{}, false
}
