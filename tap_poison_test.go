//go:build chatstream_poison

package chatstream_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestTapPoison: what fn kept without a copy is overwritten when fn has returned,
// be it a part of the payload, unescaped, or of the event.
func TestTapPoison(t *testing.T) {
	const plain = `data: {"id":"plain","model":"es\u0063aped","x":"extra"}` + "\n\n"
	for name, data := range map[string]string{
		"one event":     "id: 1\nevent: e\n" + plain,
		"several lines": "id: 1\nevent: e\n" + strings.Replace(plain, ",", "\ndata: ,", 1),
		"two events":    "id: 1\nevent: e\n" + plain + plain,
	} {
		t.Run(name, func(t *testing.T) {
			var tap *chatstream.Tap
			var kept [][]byte
			tap = chatstream.NewTap(func(c *chunk, err error) {
				for _, b := range kept {
					requirePoisoned(t, b)
				}
				if err != nil {
					return
				}
				e := tap.Event()
				kept = append(kept, c.ID.Value, c.Model.Value, c.Extra[0].Name, c.Extra[0].Value,
					e.Data, e.Raw, e.LastEventID, e.Type)
				require.Equal(t, "plain", c.ID.Value.String())
				require.Equal(t, "escaped", c.Model.Value.String())
			})
			tap.Write([]byte(data))
			require.NotEmpty(t, kept)
			for _, b := range kept {
				requirePoisoned(t, b)
			}
			tap.Close()
		})
	}
}

func requirePoisoned(t *testing.T, b []byte) {
	t.Helper()
	for _, c := range b {
		require.Equal(t, byte(0xDB), c, "%q", b)
	}
}
