package chatstream

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// sizedReader returns up to most bytes a Read, and notes how many it was asked for.
type sizedReader struct {
	most  int
	asked []int
}

func (r *sizedReader) Read(p []byte) (int, error) {
	r.asked = append(r.asked, len(p))
	return min(len(p), r.most), nil
}

// TestReadsGrow: a reader that fills the buffer is asked for more at a time, up to 16 KiB; one
// that does not is not.
func TestReadsGrow(t *testing.T) {
	for _, row := range []struct {
		most int
		want []int
	}{
		{1 << 20, []int{minBuffer, 2 * minBuffer, maxReadBuffer, maxReadBuffer, maxReadBuffer}},
		{minBuffer, []int{minBuffer, 2 * minBuffer, 2 * minBuffer, 2 * minBuffer}},
		{minBuffer - 1, []int{minBuffer, minBuffer, minBuffer}},
	} {
		r := &sizedReader{most: row.most}
		s := &source{r: r, limit: DefaultMaxEventSize, buf: make([]byte, minBuffer)}
		for range row.want {
			require.True(t, s.more())
			s.pos = s.end - s.start
			s.drop(s.pos)
		}
		require.Equal(t, row.want, r.asked)
	}
}

// TestMakeRoom: what is pending is moved only where that makes room of half the buffer, and the
// buffer grows only where it is full of what is pending. There is always room for a Read.
func TestMakeRoom(t *testing.T) {
	const size = 64
	for _, limit := range []int{1, size - 1, size, 10 * minBuffer} {
		for start := range size + 1 {
			for end := start; end <= size; end++ {
				s := &source{limit: limit, buf: make([]byte, size), start: start, end: end}
				for i := range s.buf {
					s.buf[i] = byte(i)
				}
				before := s.buf
				pending := bytes.Clone(s.pending())
				s.makeRoom()
				require.Equal(t, pending, s.pending(), "[%d, %d)", start, end)
				n, room := end-start, len(s.buf)-s.end
				require.Positive(t, room, "[%d, %d)", start, end)
				if &s.buf[0] != &before[0] {
					require.Equal(t, size, end, "[%d, %d): it grew with room left", start, end)
					require.Greater(t, n, size/2, "[%d, %d): it grew with room before what is pending", start, end)
					want := 2 * size
					if limit < size { // what is pending is an event and the keep-alives before it
						want = max(n+minBuffer, 2*limit)
					}
					require.Len(t, s.buf, want, "[%d, %d), limit %d", start, end, limit)
					continue
				}
				if s.start != start && n > 0 {
					require.GreaterOrEqual(t, room, size/2, "[%d, %d): moved", start, end)
				}
				if size-end >= size/4 && n > 0 {
					require.Equal(t, start, s.start, "[%d, %d): moved with room left", start, end)
				}
				if size-end < size/4 && n <= size/2 {
					require.Zero(t, s.start, "[%d, %d): not moved", start, end)
				}
			}
		}
	}
	const limit = maxReadBuffer - minBuffer + 1
	s := &source{limit: limit, buf: make([]byte, maxReadBuffer), end: maxReadBuffer}
	s.makeRoom()
	require.Len(t, s.buf, 2*limit, "twice what an event may have")
	s = &source{limit: 1, buf: make([]byte, size), end: size, full: true}
	s.makeRoom()
	require.Len(t, s.buf, 2*size, "the last read filled it")
}

// TestShrinkBuffer: a buffer of more than 64 KiB is given up where no more than 16 KiB are
// pending, and what is pending stays.
func TestShrinkBuffer(t *testing.T) {
	for _, row := range []struct {
		size, pending int
		want          bool
	}{
		{maxPooledCap, 0, false}, {maxPooledCap, 100, false},
		{maxPooledCap + 1, 0, true}, {maxPooledCap + 1, 1, true}, {maxPooledCap + 1, minBuffer, true}, {maxPooledCap + 1, minBuffer + 1, true},
		{maxPooledCap + 1, maxReadBuffer, true}, {maxPooledCap + 1, maxReadBuffer + 1, false},
	} {
		s := &source{limit: 1, buf: make([]byte, row.size), start: 7, end: 7 + row.pending}
		for i := range s.buf {
			s.buf[i] = byte(i % 251)
		}
		pending := string(s.pending())
		require.Equal(t, row.want, s.shrinkBuffer(), "%+v", row)
		require.Equal(t, pending, string(s.pending()), "%+v", row)
		switch {
		case !row.want:
			require.Len(t, s.buf, row.size)
		case row.pending == 0:
			require.Nil(t, s.buf)
		default:
			require.LessOrEqual(t, len(s.buf), maxPooledCap, "%+v", row)
		}
		s.giveBuffer()
		require.Zero(t, s.end-s.start)
		require.Nil(t, s.buf)
	}
}

// TestBufferIsGivenBack: the pool gets the buffer of a source that leaves it, unless that is
// over 64 KiB. A source that has none has none to give.
func TestBufferIsGivenBack(t *testing.T) {
	s := new(source)
	s.init(io.LimitReader(new(sizedReader), 0), nil)
	s.giveBuffer()
	require.Nil(t, s.buf)
	for _, size := range []int{minBuffer, maxPooledCap, maxPooledCap + 1} {
		s.takeBuffer()
		require.Len(t, s.buf, len(*s.box))
		require.LessOrEqual(t, len(s.buf), maxPooledCap, "of the pool")
		s.buf = make([]byte, size)
		box, before := s.box, len(*s.box)
		s.giveBuffer()
		require.Nil(t, s.buf)
		require.Nil(t, s.box)
		want := size
		if size > maxPooledCap {
			want = before
		}
		require.Len(t, *box, want)
	}
}

// TestKeepSmall: memory of up to 64 KiB is kept for the next stream, empty.
func TestKeepSmall(t *testing.T) {
	kept := keepSmall(make([]byte, 3, maxPooledCap))
	require.Empty(t, kept)
	require.Equal(t, maxPooledCap, cap(kept))
	require.Nil(t, keepSmall(make([]byte, 0, maxPooledCap+1)))
}

// TestLeaveGivesTheBufferBack: so does reset, if it is over 64 KiB. A smaller one stays for the next stream.
func TestLeaveGivesTheBufferBack(t *testing.T) {
	for _, size := range []int{minBuffer, maxPooledCap, maxPooledCap + 1} {
		s := &source{limit: 1, buf: make([]byte, size), end: 2, pos: 1, given: 1}
		s.reset(nil)
		require.Equal(t, 1, s.limit)
		require.Zero(t, s.end)
		if size > maxPooledCap {
			require.Nil(t, s.buf)
		} else {
			require.Len(t, s.buf, size)
		}
		s = &source{limit: 1, buf: make([]byte, size), end: 2, pos: 1, given: 1, off: 5}
		s.leave()
		require.Nil(t, s.buf)
		require.EqualValues(t, 6, s.off)
	}
}
