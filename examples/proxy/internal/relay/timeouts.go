package relay

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/observe"
)

// limitReading limits the silence of the client within its request. The deadline does not apply to
// the answer, which may take any time.
func (r *Relay) limitReading(w http.ResponseWriter, req *http.Request) {
	if req.Body != nil && req.Body != http.NoBody {
		body := &limitedBody{ReadCloser: req.Body, conn: http.NewResponseController(w), timeout: r.ReadTimeout}
		body.setDeadline(time.Now().Add(r.ReadTimeout)) // also for a body that nobody reads
		req.Body = body
	}
}

// limitedBody is the body of a request. A Transport may read it after the handler is done, when the
// connection already serves the next request. Close prevents that.
type limitedBody struct {
	io.ReadCloser
	conn    *http.ResponseController
	timeout time.Duration // 0 means none

	ended bool // Read has returned io.EOF

	mu     sync.Mutex
	closed bool
}

// Read returns io.EOF again and again. The Transport reads once more after the last byte, when upstream may have answered.
// The server has closed the body then, and the error of that would end the answer.
func (b *limitedBody) Read(p []byte) (int, error) {
	if b.ended {
		return 0, io.EOF
	}
	b.setDeadline(time.Now().Add(b.timeout))
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF { // after other errors the server must not wait for the rest
		b.ended = true
		b.setDeadline(time.Time{})
	}
	return n, err
}

// setDeadline sets the deadline of the connection. Where there can be none, there is no
// limit.
func (b *limitedBody) setDeadline(t time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed && b.timeout > 0 {
		b.conn.SetReadDeadline(t)
	}
}

func (b *limitedBody) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	return b.ReadCloser.Close()
}

// limitStalling limits how long upstream may be silent within its answer.
func (r *Relay) limitStalling(ctx context.Context, body io.ReadCloser, ex *exchange) io.ReadCloser {
	if r.StallTimeout <= 0 {
		return body
	}
	return &watchedBody{
		ReadCloser: body,
		timeout:    r.StallTimeout,
		timer:      time.AfterFunc(r.StallTimeout, func() { ex.cancel(observe.ErrStalled) }),
		ctx:        ctx,
	}
}

type watchedBody struct {
	io.ReadCloser
	timeout time.Duration
	timer   *time.Timer
	ctx     context.Context // of the request to upstream
}

// Read starts the time again. A client that reads slowly is no upstream that is silent,
// so that the time runs within Read alone.
func (b *watchedBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.timeout)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	if err != nil && context.Cause(b.ctx) == observe.ErrStalled {
		err = observe.ErrStalled
	}
	return n, err
}

func (b *watchedBody) Close() error {
	b.timer.Stop()
	return b.ReadCloser.Close()
}
