//go:build purego

package chatstream

// place would be an offset: without unsafe there is none.
type place struct{}

func (*hole) text(*CreateChatCompletionData) *Text { return nil }

func (*hole) integer(*CreateChatCompletionData) *int64 { return nil }

func (*hole) number(*CreateChatCompletionData) *float64 { return nil }

func (h *hole) sitText(*CreateChatCompletionData, *Text) { h.kind = listTextHole }

func (h *hole) sitInteger(*CreateChatCompletionData, *int64) { h.kind = listIntegerHole }

func (h *hole) sitNumber(*CreateChatCompletionData, *float64) { h.kind = listNumberHole }
