package chatstream

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
	"github.com/seed-08fc7208/chatstream/internal/testing/places"
)

// TestPlainParserKnowsEveryMember: the plain parser, with which the fast one is compared,
// finds the field of each member.
func TestPlainParserKnowsEveryMember(t *testing.T) {
	for _, p := range places.Of(reflect.TypeFor[CreateChatCompletionData]()) {
		fit, _ := p.Values()
		for _, v := range fit {
			var plain, fast CreateChatCompletionData
			payload := []byte(p.Alone(v))
			_, f := plainParse(payload, &plain)
			assert.Equal(t, jsonwire.NoFault, f)
			_, f = parse(payload, &fast)
			assert.Equal(t, jsonwire.NoFault, f)
			assert.True(t, plain.Equal(fast), "plain_test.go reads %s.%s in another way: %s", p.Object, p.Field, payload)
		}
	}
}
