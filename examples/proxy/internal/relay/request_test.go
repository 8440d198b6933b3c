package relay

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithMember(t *testing.T) {
	for _, test := range []struct{ object, want string }{
		{`{}`, `{"model":"x"}`},
		{` { } `, `{"model":"x" } `},
		{`{"a":1.0}`, `{"model":"x","a":1.0}`},
		{`{"a":1,"model":"y"}`, `{"model":"x","a":1}`},
		{`{"model":"y","a":{"model":"y"},"model":3}`, `{"model":"x","a":{"model":"y"}}`},
		{`{"model":"y"}`, `{"model":"x"}`},
		{`[1]`, `[1]`},
	} {
		got := string(withMember([]byte(test.object), "model", "x"))
		require.Equal(t, test.want, got)
		require.True(t, json.Valid([]byte(got)))
	}
}
