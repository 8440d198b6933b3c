package chatstream

import "io"

// Body returns a body that reads from rc, and lets the Tap see what is read. It changes
// nothing and holds nothing back. The stream of the Tap ends when rc ends; if rc fails, fn
// gets the error. Close of the body closes rc and the Tap. The body is an io.WriterTo if rc
// is one.
func (t *Tap) Body(rc io.ReadCloser) io.ReadCloser {
	body := tappedBody{rc, t}
	if w, ok := rc.(io.WriterTo); ok {
		return &tappedWriterTo{body, w}
	}
	return &body
}

type tappedBody struct {
	rc  io.ReadCloser
	tap *Tap
}

func (b *tappedBody) Read(p []byte) (int, error) {
	n, err := b.rc.Read(p)
	if n > 0 && n <= len(p) {
		b.tap.Write(p[:n])
	}
	if err != nil {
		b.tap.end(err)
	}
	return n, err
}

func (b *tappedBody) Close() (err error) {
	defer func() { err = b.rc.Close() }() // even if fn panics
	b.tap.Close()
	return nil
}

// tappedWriterTo is the body of an rc that copies itself without a buffer between.
type tappedWriterTo struct {
	tappedBody
	w io.WriterTo
}

func (b *tappedWriterTo) WriteTo(dst io.Writer) (int64, error) {
	tee := tappedWriter{dst: dst, tap: b.tap}
	n, err := b.w.WriteTo(&tee)
	switch {
	case tee.failed: // an error of dst says nothing about rc
	case err != nil:
		b.tap.end(err)
	default:
		b.tap.end(io.EOF)
	}
	return n, err
}

// tappedWriter writes to dst first: the traffic does not wait for the Tap.
type tappedWriter struct {
	dst    io.Writer
	tap    *Tap
	failed bool
}

func (w *tappedWriter) Write(p []byte) (int, error) {
	n, err := w.dst.Write(p)
	w.failed = w.failed || err != nil || n < len(p)
	w.tap.Write(p)
	return n, err
}
