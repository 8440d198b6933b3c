package relay

import "bytes"

// appendKnownLines appends the lines of an event stream that have a meaning, byte for byte: fields of
// the standard, the field error, and empty lines. It keeps only the colon of a comment, because
// servers write internal details into comments; the client still sees that the connection is alive.
// It leaves out other lines.
func appendKnownLines(dst, raw []byte) []byte {
	for len(raw) > 0 {
		line, eol := cutLine(raw)
		raw = raw[len(line)+len(eol):]
		name, _, isField := bytes.Cut(bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF")), []byte(":"))
		switch {
		case isField && len(name) == 0:
			dst = append(append(dst, ':'), eol...)
		case isKnownField(name):
			dst = append(append(dst, line...), eol...)
		}
	}
	return dst
}

func isKnownField(name []byte) bool {
	switch string(name) {
	case "", "data", "event", "id", "retry", "error":
		return true
	}
	return false
}

// cutLine returns the first line, and its end: CR, LF, CRLF, or nothing.
func cutLine(raw []byte) (line, eol []byte) {
	i := bytes.IndexAny(raw, "\r\n")
	switch {
	case i < 0:
		return raw, nil
	case bytes.HasPrefix(raw[i:], []byte("\r\n")):
		return raw[:i], raw[i : i+2]
	}
	return raw[:i], raw[i : i+1]
}

// wholeEvents returns raw without an incomplete event at its end: the bytes up to the last empty
// line, or all of raw if only complete comments follow that line.
func wholeEvents(raw []byte) []byte {
	whole := 0
	onlyComments := true
	for i := 0; i < len(raw); {
		line, eol := cutLine(raw[i:])
		i += len(line) + len(eol)
		if onlyComments = onlyComments && len(eol) > 0 && (len(line) == 0 || line[0] == ':'); onlyComments {
			whole = i
		} else if len(line) == 0 {
			whole, onlyComments = i, true
		}
	}
	return raw[:whole]
}

// endsEvent reports whether an event may follow the bytes that were sent: they end with an empty
// line, or are only the beginning of one.
func endsEvent(sent []byte) bool {
	for _, end := range []string{"\n\n", "\r\r", "\r\n\r\n", "\n\r\n", "\r\n\r"} {
		if bytes.HasSuffix(sent, []byte(end)) {
			return true
		}
	}
	return len(sent) == 0
}
