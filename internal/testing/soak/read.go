package main

import (
	"errors"
	"io"
	"math/rand/v2"
)

// errBroken is what failing readers end with.
var errBroken = errors.New("connection reset")

// reader returns a reader of the stream that cuts it at random; each seed cuts it elsewhere.
func (st stream) reader(seed uint64) io.Reader {
	r := &cutReader{rest: st.bytes, end: io.EOF, random: rand.New(rand.NewPCG(seed, 3))}
	r.most = 1 << (2 + r.random.IntN(15)) // 4 bytes to 64 KiB
	if st.failing {
		r.end = errBroken
	}
	return r
}

type cutReader struct {
	rest   []byte
	end    error
	most   int // bytes that a Read gives
	random *rand.Rand
}

func (r *cutReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, r.end
	}
	n := copy(p, r.rest[:min(len(r.rest), r.random.IntN(r.most+1))]) // nothing, now and then
	r.rest = r.rest[n:]
	if len(r.rest) == 0 && r.random.IntN(2) == 0 {
		return n, r.end // the end comes with the last bytes
	}
	return n, nil
}
