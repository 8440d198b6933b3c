package chatstream

// How the framer bounds what it keeps: of an event, and of the keep-alives between two
// of them.

// checkSize finds an event that is over the limit at the given position, which
// is at or after the end of a line of the given kind.
func (f *framer) checkSize(kind lineKind, last int) finding {
	begin := f.frame.begin
	if !f.frame.begun {
		if kind == fieldNone || kind == fieldComment {
			return finding{}
		}
		begin = f.pos
	}
	switch {
	case last-begin <= f.limit:
		return finding{}
	case kind != fieldNone && f.frame.lines > linesNone && f.isWhole():
		return f.split()
	case f.shown != shownFields && (kind == fieldNone || kind == fieldUnknown):
		return f.readDocument()
	}
	f.frame, f.mode, f.shown = frame{}, modeSkip, shownFields
	f.events++
	f.give(f.pos)
	return finding{
		what:  foundTooLarge,
		event: Event{Raw: f.view(0, begin)},
		place: streamPlace{f.events, f.off + int64(begin)},
	}
}

// skip drops the rest of an event over the limit, to its empty line or to a
// [DONE] line. It returns false at the end of the reader.
func (f *framer) skip() bool {
	for {
		end, next, whole := f.line()
		line := f.view(f.pos, end)
		kind, value := splitField(line)
		isDone := !f.midLine && kind == fieldData && isDone(line[value:]) && len(line) < f.limit
		if !whole && f.err == nil {
			if f.midLine || len(line) > longestDone {
				f.pos, f.midLine = end, true
				f.drop(end)
			}
			if !f.more() && f.err == nil {
				return false
			}
			continue
		}
		if isDone {
			f.mode = modeEvents
			return true
		}
		if !whole { // what is left of the event is in no Raw
			f.pos = end
			f.drop(end)
			return false
		}
		f.advance(next)
		f.drop(next)
		if !f.midLine && kind == fieldNone {
			f.mode = modeEvents
			return true
		}
		f.midLine = false
	}
}

// keepAlive bounds what comments, empty lines and events without a payload take
// between two events.
func (f *framer) keepAlive(next int) finding {
	if next > f.limit && !f.frame.begun && f.shown == shownText {
		return f.readDocument()
	}
	f.dropKeepAlives(next)
	return finding{}
}

// dropKeepAlives forgets the comments and empty lines up to end when there are
// more of them than an event may have bytes.
func (f *framer) dropKeepAlives(end int) bool {
	if f.frame.begun || end <= f.limit {
		return false
	}
	f.pos = max(f.pos, end)
	f.drop(end)
	return true
}
