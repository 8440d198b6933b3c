package workload

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLife: the events of all passes before a copy comes again take as much memory as was
// asked for, each of them in a place of its own, and each stream has its own id and time.
func TestLife(t *testing.T) {
	const streams, memory = 16, 1 << 20
	own := regexp.MustCompile(`"id":"([^"]+)".*"created":(\d+)|"created":(\d+).*"id":"([^"]+)"`)
	for _, name := range LifeNames() {
		t.Run(name, func(t *testing.T) {
			l := NewLife(name, streams, memory)
			defer l.Release()
			assert.GreaterOrEqual(t, l.copies*l.PassBytes(), memory)
			ids := map[string]bool{}
			places := map[*byte]bool{}
			for number := range l.copies {
				for turn := range l.Turns {
					for i := range streams {
						event, _ := l.Event(number, turn, i)
						first, _ := l.Event(0, turn, i)
						require.Equal(t, string(first), string(event))
						require.True(t, bytes.HasSuffix(event, []byte("\n\n")))
						m := own.FindSubmatch(event)
						require.NotNil(t, m, "%s", event)
						ids[string(m[1])+string(m[4])] = true
						places[&event[0]] = true
					}
				}
			}
			assert.GreaterOrEqual(t, len(ids), streams)
			assert.Len(t, places, l.copies*l.Turns*streams)
		})
	}
}

// TestLifeOfOneSize: the events of the main life have 320 bytes.
func TestLifeOfOneSize(t *testing.T) {
	l := NewLife(LifeNames()[0], 64, 1)
	defer l.Release()
	for turn := range l.Turns {
		for i := range 64 {
			event, begins := l.Event(0, turn, i)
			assert.Len(t, event, 320)
			assert.False(t, begins)
		}
	}
}

// TestLifeShort: a stream begins after the one before has ended, and after 30 events.
func TestLifeShort(t *testing.T) {
	l := NewLife("life-short", 32, 1)
	defer l.Release()
	for i := range 32 {
		begun := 0
		for turn := range l.Turns {
			event, begins := l.Event(0, turn, i)
			before, _ := l.Event(0, (turn+l.Turns-1)%l.Turns, i)
			assert.Equal(t, bytes.HasSuffix(before, []byte("data: [DONE]\n\n")), begins)
			assert.Equal(t, bytes.Contains(event, []byte(`"role":"assistant"`)), begins)
			if begins {
				begun++
			}
		}
		assert.Equal(t, l.Turns/shortChunks, begun)
	}
}

func TestLargestCache(t *testing.T) {
	dir := t.TempDir()
	assert.Equal(t, 64<<20, largestCache(dir), "nothing says")
	for index, size := range map[string]string{"index0": "48K\n", "index2": "2048K\n", "index3": "30M\n", "index4": "?\n"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, index), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, index, "size"), []byte(size), 0o644))
	}
	assert.Equal(t, 30<<20, largestCache(dir))
}
