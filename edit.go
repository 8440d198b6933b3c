package chatstream

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// AppendReplaced appends payload to dst with the value at path replaced by value, and
// returns the extended buffer. All other bytes of payload stay as they are: a proxy can
// rename the model in the Data of an [Event] without encoding the chunk again. If there is
// nothing at path, payload is appended unchanged.
//
// A path has the names of objects' members and the indexes of lists' elements, beginning
// at the payload: "choices", "0", "delta". An index is decimal, without a sign or leading
// zeros. Names match exactly, never by case, and an escaped name equals its unescaped
// form. If a member is repeated, at the end of the path or on the way, all its
// occurrences are edited, so that no reader finds the old value. The payload may also be
// a list, if path begins with an index.
//
// AppendReplaced returns dst unchanged and an error
//
//   - if path is empty, leads through a string, number or boolean, or has a name where a
//     list needs an index; the error names the path and the byte (null on the way counts
//     as missing);
//   - if payload is not one JSON object or list; the error is a [*SyntaxError];
//   - if value is not one JSON value (RFC 8259; nested at most 10,000 levels deep at its
//     place); the error wraps a *SyntaxError.
//
// It allocates nothing if dst has room, and keeps none of its arguments. dst must not
// overlap payload or value. The time is linear in the sizes of payload and result.
func AppendReplaced(dst, payload []byte, value RawValue, path ...string) ([]byte, error) {
	e := edit{kind: editReplace, payload: payload, value: value, path: path}
	return e.append(dst)
}

// AppendRemoved appends payload to dst without the member or list element at path, and
// returns the extended buffer. The comma and the white space around it are removed too.
// A proxy removes the usage with it for a client that did not ask for it. Paths, errors
// and memory are as for [AppendReplaced].
func AppendRemoved(dst, payload []byte, path ...string) ([]byte, error) {
	e := edit{kind: editRemove, payload: payload, path: path}
	return e.append(dst)
}

// AppendSet appends payload to dst with value at path, whether or not something stands
// there, and returns the extended buffer. A missing member is inserted at the end of its
// object. Objects on the path that are missing or null are made. Lists do not grow: an
// index beyond the end of a list is an error. So is a path that is not valid UTF-8.
// Otherwise AppendSet works like [AppendReplaced].
//
// This call asks for usage in the body of a request and leaves the rest of it alone:
//
//	AppendSet(nil, body, RawValue("true"), "stream_options", "include_usage")
func AppendSet(dst, payload []byte, value RawValue, path ...string) ([]byte, error) {
	e := edit{kind: editSet, payload: payload, value: value, path: path}
	return e.append(dst)
}

type editKind uint8

const (
	editReplace editKind = iota
	editRemove
	editSet
)

// edit is one change of a payload, at one path.
type edit struct {
	kind    editKind
	payload []byte
	value   []byte
	path    []string

	copied  int // bytes of payload that have been copied or left out
	problem pathProblem
}

// pathProblem says why the path does not suit the payload. It holds no pointer: if the
// path escaped through it, every caller would allocate the path.
type pathProblem struct {
	kind  pathFault
	at    int // index in the payload
	depth int // of the path's element
	count int // of the list's elements
}

type pathFault uint8

const (
	pathFits pathFault = iota
	pathEmpty
	pathInvalid
	pathTooDeep
	pathThroughScalar
	pathNoIndex
	pathBeyond
)

func (e *edit) append(dst []byte) ([]byte, error) {
	if e.checkPath(); e.problem.kind != pathFits {
		return dst, e.pathError()
	}
	if e.kind != editRemove {
		if err := e.checkValue(); err != nil {
			return dst, err
		}
	}
	edited, at, f := e.root(dst)
	if f != jsonwire.NoFault {
		return dst, newSyntaxError(e.payload, at, f)
	}
	if e.problem.kind != pathFits {
		return dst, e.pathError()
	}
	return edited, nil
}

// checkPath refuses paths that no payload can have.
func (e *edit) checkPath() {
	switch {
	case len(e.path) == 0:
		e.refuse(pathProblem{kind: pathEmpty})
	case e.kind != editSet: // the rest only means that there is nothing to edit
	case len(e.path) > jsonwire.MaxDepth:
		e.refuse(pathProblem{kind: pathTooDeep})
	case !slices.ContainsFunc(e.path, func(name string) bool { return !utf8.ValidString(name) }):
	default:
		e.refuse(pathProblem{kind: pathInvalid})
	}
}

func (e *edit) refuse(p pathProblem) {
	if e.problem.kind == pathFits {
		e.problem = p
	}
}

func (e *edit) pathError() error {
	p := e.problem
	var what string
	switch p.kind {
	case pathEmpty:
		what = "is empty"
	case pathInvalid:
		what = "is not valid UTF-8"
	case pathTooDeep:
		what = "leads to " + jsonwire.FaultDepth.Reason()
	case pathThroughScalar:
		what = "goes through " + scalarName(e.payload[p.at])
	case pathNoIndex:
		what = fmt.Sprintf("goes through a list, which %s is no index of", beginningOf([]byte(e.path[p.depth])))
	case pathBeyond:
		what = fmt.Sprintf("goes beyond the end of a list of %d", p.count)
	}
	return fmt.Errorf("chatstream: payload, byte %d: path %s %s", p.at, quotedPath(e.path), what)
}

func quotedPath(path []string) string { return beginningOf([]byte(strings.Join(path, "."))) }

// checkValue refuses a new value that is not JSON or that would be nested too deep.
func (e *edit) checkValue() error {
	i, f := jsonwire.SkipValue(e.value, jsonwire.SkipSpace(e.value, 0), len(e.path))
	if f == jsonwire.NoFault {
		if i = jsonwire.SkipSpace(e.value, i); i == len(e.value) {
			return nil
		}
		f = jsonwire.FaultTrailing
	}
	err := newSyntaxError(e.value, i, f)
	if f == jsonwire.FaultTrailing {
		err.Reason = fmt.Sprintf("invalid character %q after the end of the value", e.value[i])
	}
	return &valueError{path: quotedPath(e.path), syntax: err}
}

// valueError means that the new value is not JSON.
type valueError struct {
	path   string
	syntax *SyntaxError
}

func (e *valueError) Error() string {
	return fmt.Sprintf("chatstream: replacement value of %s: byte %d: %s", e.path, e.syntax.Offset, e.syntax.Reason)
}

func (e *valueError) Unwrap() error { return e.syntax }

// root appends the edited payload. It accepts the JSON that parse accepts, and lists.
func (e *edit) root(dst []byte) ([]byte, int, jsonwire.Fault) {
	b := e.payload
	i := jsonwire.SkipSpace(b, 0)
	if i == len(b) || b[i] != '{' && (b[i] != '[' || indexOf(e.path[0]) < 0) {
		if end, f := jsonwire.SkipValue(b, i, 0); f != jsonwire.NoFault {
			return dst, end, f
		}
		return dst, i, jsonwire.FaultNotObject
	}
	dst, i, f := e.container(dst, i, 0)
	if f != jsonwire.NoFault {
		return dst, i, f
	}
	if i = jsonwire.SkipSpace(b, i); i < len(b) {
		return dst, i, jsonwire.FaultTrailing
	}
	return append(dst, b[e.copied:]...), i, jsonwire.NoFault
}

// editLevel is an object or list that is being edited.
type editLevel struct {
	list  bool
	depth int    // how many objects and lists are open around it
	name  string // the part of the path that leads on from here
	index int    // name as an index, if this is a list

	begin int  // where the current element begins: after the bracket, or at the comma before it
	end   int  // where the last value ends
	count int  // elements so far
	found bool // one of them is on the path
	kept  bool // one of them has not been removed
}

// container edits the object or list that b[i] opens.
func (e *edit) container(dst []byte, i, depth int) ([]byte, int, jsonwire.Fault) {
	b := e.payload
	if depth == jsonwire.MaxDepth {
		return dst, i, jsonwire.FaultDepth
	}
	c := editLevel{list: b[i] == '[', depth: depth, name: e.path[depth], begin: i + 1, end: i + 1}
	closing, faultComma := byte('}'), jsonwire.FaultObjectComma
	if c.list {
		closing, faultComma = ']', jsonwire.FaultArrayComma
		if c.index = indexOf(c.name); c.index < 0 {
			e.refuse(pathProblem{kind: pathNoIndex, at: i, depth: depth})
		}
	}
	open := i
	if i = jsonwire.SkipSpace(b, c.begin); i == len(b) || b[i] != closing {
		for {
			var f jsonwire.Fault
			if dst, i, f = e.element(dst, i, &c); f != jsonwire.NoFault {
				return dst, i, f
			}
			if i < len(b) && b[i] == closing {
				break
			}
			if i == len(b) || b[i] != ',' {
				return dst, i, faultComma
			}
			c.begin, i = i, jsonwire.SkipSpace(b, i+1)
		}
	}
	if e.kind == editSet && !c.found {
		if c.list {
			e.refuse(pathProblem{kind: pathBeyond, at: open, count: c.count})
		} else {
			dst = e.insert(dst, &c)
		}
	}
	return dst, i + 1, jsonwire.NoFault
}

// element reads the member or list element that begins at i, and edits it if it is on
// the path. It returns the index of the next token.
func (e *edit) element(dst []byte, i int, c *editLevel) ([]byte, int, jsonwire.Fault) {
	b := e.payload
	meant := c.list && c.count == c.index
	if !c.list {
		value, f := jsonwire.SkipName(b, i)
		if f != jsonwire.NoFault {
			return dst, value, f
		}
		meant = jsonwire.EqualString(b, i+1, c.name)
		i = value
	}
	c.count++
	c.found = c.found || meant
	last := c.depth+1 == len(e.path)
	if meant && last && e.kind == editRemove {
		end, f := jsonwire.SkipValue(b, i, c.depth+1)
		if f != jsonwire.NoFault {
			return dst, end, f
		}
		dst = append(dst, b[e.copied:c.begin]...)
		e.copied = jsonwire.SkipSpace(b, end)
		return dst, e.copied, jsonwire.NoFault
	}
	if e.kind == editRemove && !c.kept && e.copied == c.begin {
		e.copied++ // the comma: no element has stayed before it
	}
	c.kept = true
	var f jsonwire.Fault
	if meant && !last {
		dst, c.end, f = e.through(dst, i, c.depth+1)
	} else if c.end, f = jsonwire.SkipValue(b, i, c.depth+1); meant && f == jsonwire.NoFault {
		dst = e.put(dst, i, c.end)
	}
	if f != jsonwire.NoFault {
		return dst, c.end, f
	}
	return dst, jsonwire.SkipSpace(b, c.end), jsonwire.NoFault
}

// through edits the value at i, to which the first depth elements of the path lead.
func (e *edit) through(dst []byte, i, depth int) ([]byte, int, jsonwire.Fault) {
	b := e.payload
	if i < len(b) && (b[i] == '{' || b[i] == '[') {
		return e.container(dst, i, depth)
	}
	end, f := jsonwire.SkipValue(b, i, depth)
	switch {
	case f != jsonwire.NoFault:
	case b[i] != 'n':
		e.refuse(pathProblem{kind: pathThroughScalar, at: i})
	case e.kind == editSet:
		dst = append(dst, b[e.copied:i]...)
		dst = e.appendMade(dst, depth)
		e.copied = end
	}
	return dst, end, f
}

// put appends the new value instead of the one from i to end.
func (e *edit) put(dst []byte, i, end int) []byte {
	dst = append(dst, e.payload[e.copied:i]...)
	e.copied = end
	return append(dst, e.value...)
}

// insert appends the member that is missing in the object.
func (e *edit) insert(dst []byte, c *editLevel) []byte {
	dst = append(dst, e.payload[e.copied:c.end]...)
	e.copied = c.end
	if c.count > 0 {
		dst = append(dst, ',')
	}
	dst = append(jsonwire.AppendString(dst, c.name), ':')
	return e.appendMade(dst, c.depth+1)
}

// appendMade appends the new value within the objects that the rest of the path names.
func (e *edit) appendMade(dst []byte, depth int) []byte {
	for _, name := range e.path[depth:] {
		dst = append(jsonwire.AppendString(append(dst, '{'), name), ':')
	}
	dst = append(dst, e.value...)
	for range e.path[depth:] {
		dst = append(dst, '}')
	}
	return dst
}

// indexOf returns the list index that s, a part of a path, denotes, or -1 if it denotes
// none. Indexes that are too large for any list become one large index.
func indexOf(s string) int {
	if s == "" || s[0] == '0' && len(s) > 1 {
		return -1
	}
	index := 0
	for i := range len(s) {
		if !jsonwire.IsDigit(s[i]) {
			return -1
		}
		index = min(index, math.MaxInt32/10-1)*10 + int(s[i]-'0')
	}
	return index
}

// scalarName names the type of a value that is neither an object nor a list, by its
// first byte.
func scalarName(first byte) string {
	switch first {
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
}
