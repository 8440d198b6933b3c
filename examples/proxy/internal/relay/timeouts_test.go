package relay

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

// deadlines is a connection that remembers its read deadlines.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

// closable is a request whose server closes it.
type closable struct {
	io.Reader
	closed bool
}

func (c *closable) Read(p []byte) (int, error) {
	if c.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	return c.Reader.Read(p)
}

func (c *closable) Close() error {
	c.closed = true
	return nil
}

// TestReadAfterTheLastByte: the end of a request stays its end, also when the server has closed
// it, as it does once the answer begins.
func TestReadAfterTheLastByte(t *testing.T) {
	for _, timeout := range []time.Duration{0, time.Minute} {
		body := &closable{Reader: iotest.DataErrReader(strings.NewReader("abc"))}
		request := httptest.NewRequest("POST", "/", body)
		(&Relay{Options: Options{ReadTimeout: timeout}}).limitReading(&deadlines{ResponseRecorder: httptest.NewRecorder()}, request)
		got := make([]byte, 10)
		n, err := request.Body.Read(got)
		require.Equal(t, "abc", string(got[:n]))
		require.Equal(t, io.EOF, err)
		body.Close()
		_, err = request.Body.Read(got)
		require.Equal(t, io.EOF, err)
	}
}

// TestReadDeadline: it goes on with each read, and ends with the request, not with the
// answer; after an error it stays, and after Close the connection is another's.
func TestReadDeadline(t *testing.T) {
	broken := errors.New("broken")
	for _, want := range []error{io.EOF, broken} {
		conn := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		request := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(want)))
		(&Relay{Options: Options{ReadTimeout: time.Minute}}).limitReading(conn, request)
		require.Len(t, conn.set, 1, "also for a body that nobody reads")
		_, err := io.ReadAll(request.Body)
		require.Equal(t, want == io.EOF, err == nil)
		reads := len(conn.set)
		require.GreaterOrEqual(t, reads, 3)
		require.False(t, conn.set[1].IsZero())
		require.Equal(t, want == io.EOF, conn.set[reads-1].IsZero())
		require.NoError(t, request.Body.Close())
		request.Body.Read(make([]byte, 1))
		require.Len(t, conn.set, reads)
	}
	conn := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	(&Relay{}).limitReading(conn, httptest.NewRequest("POST", "/", strings.NewReader("abc")))
	require.Empty(t, conn.set, "no limit")
}
