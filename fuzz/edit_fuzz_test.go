package fuzz_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// FuzzEdit: an edit gives what a naive one of the tree makes that encoding/json reads of the payload, and is refused
// where that finds no JSON, or a path that does not suit it. All that is not edited stays byte for byte. The path is
// written with slashes.
//
//	go test -fuzz '^FuzzEdit$' ./fuzz
func FuzzEdit(f *testing.F) {
	paths := []string{
		"model", "usage", "choices/0/delta/content", "choices/0/finish_reason", "choices/1/index", "choices/0/delta/tool_calls/0/function/arguments",
		"stream_options/include_usage", "choices/x", "id/x", "", "/", "usage/prompt_tokens_details/cached_tokens",
	}
	n := 0
	seedPayloads(f, func(payload []byte) {
		f.Add(payload, paths[n%len(paths)], []byte(`{"a":[1]}`))
		n++
	})
	for _, payload := range []string{
		`{"a":{"b":1},"\u0061":{"b":2,"\u0062":[]},"a":null}`, `{"a":[null,{"b":1},[]],"a":[]}`, ` { "a" : [ 1 , 2 ] , "b" : { } } `, "{\"a\":{\"\xff\":1,\"\\ud800\":2,\"\ufffd\":3}}", `[{"b":1},2]`,
	} {
		for _, path := range []string{"a", "a/b", "a/1", "a/1/b", "a/2/0", "a/0/b/c", "b/x", "1/b", "0/b", "a/\ufffd", "a/\xff"} {
			f.Add([]byte(payload), path, []byte(" true "))
		}
	}
	for _, v := range chunkgen.RFC8259() {
		f.Add([]byte(`{"a":{"b":`+v.Text()+`}}`), "a/b", []byte(v.Text()))
	}
	f.Fuzz(func(t *testing.T, payload []byte, slashed string, value []byte) {
		if len(payload) > chunkgen.MaxPayload || len(value) > chunkgen.MaxPayload || len(slashed) > 1000 {
			return
		}
		path := strings.Split(slashed, "/")
		for _, kind := range []editKind{replaces, removes, sets} {
			fail(t, editDiffs(kind, payload, value, path), payload, []byte(slashed), value)
		}
	})
}

type editKind string

const (
	replaces editKind = "AppendReplaced"
	removes  editKind = "AppendRemoved"
	sets     editKind = "AppendSet"
)

func (k editKind) do(dst, payload, value []byte, path []string) ([]byte, error) {
	switch k {
	case replaces:
		return chatstream.AppendReplaced(dst, payload, value, path...)
	case removes:
		return chatstream.AppendRemoved(dst, payload, path...)
	}
	return chatstream.AppendSet(dst, payload, value, path...)
}

// editDiffs describes how an edit differs from the naive one.
func editDiffs(kind editKind, payload, value []byte, path []string) (diffs []string) {
	differ := func(format string, args ...any) {
		diffs = append(diffs, fmt.Sprintf("%s: "+format, append([]any{kind}, args...)...))
	}
	before := [][]byte{bytes.Clone(payload), bytes.Clone(value)}
	dst := append(make([]byte, 0, 10+len(payload)), "before"...)
	got, err := kind.do(dst, payload, value, path)
	if !bytes.Equal(payload, before[0]) || !bytes.Equal(value, before[1]) {
		differ("it was written to what it read")
	}
	if !bytes.HasPrefix(got, []byte("before")) {
		differ("dst has changed: %q", got)
		return diffs
	}
	got = got[len("before"):]
	want, wantErr := naiveEdit(kind, payload, value, path)
	var syntax *chatstream.SyntaxError
	switch {
	case (err != nil) != (wantErr != nil):
		differ("the error is %v, not %v", err, wantErr)
	case err != nil && len(got) > 0:
		differ("an error, and %q", got)
	case err != nil && errors.As(err, &syntax) != errors.Is(wantErr, errSyntax):
		differ("the error is %v, not %v", err, wantErr)
	case err != nil:
	default:
		tree, err := chunkgen.Parse(got)
		if err != nil {
			differ("no JSON: %q", got)
		} else if !isSameTree(tree, want) {
			differ("%q is not %s", got, render(want))
		}
		if kind == replaces {
			if want := spliced(string(payload), string(value), path); string(got) != want {
				differ("%q is not %q", got, want)
			}
		}
	}
	return diffs
}

var errSyntax, errPath = errors.New("no JSON"), errors.New("the path does not suit the payload")

// naiveEdit edits the tree of a payload.
func naiveEdit(kind editKind, payload, value []byte, path []string) (chunkgen.Node, error) {
	if kind == sets && slices.ContainsFunc(path, func(name string) bool { return !utf8.ValidString(name) }) {
		return chunkgen.Node{}, errPath
	}
	var replacement chunkgen.Node
	if kind != removes {
		var err error
		if replacement, err = chunkgen.Parse(value); err != nil {
			return replacement, errSyntax
		}
	}
	tree, err := chunkgen.Parse(payload)
	if err != nil || tree.Kind != '{' && (tree.Kind != '[' || !isIndex(path[0])) {
		return tree, errSyntax
	}
	err = editTree(kind, &tree, replacement, path)
	return tree, err
}

func isIndex(s string) bool {
	return s == "0" || s != "" && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

func editTree(kind editKind, n *chunkgen.Node, value chunkgen.Node, path []string) (err error) {
	switch {
	case n.Kind == 'n' && kind == sets:
		*n = chunkgen.Node{Kind: '{'}
	case n.Kind == 'n':
		return nil
	case n.Kind != '{' && (n.Kind != '[' || !isIndex(path[0])):
		return errPath
	}
	n.Raw = ""
	found := false
	for i := len(n.Elems) - 1; i >= 0; i-- {
		if n.Kind == '{' && n.Names[i] != path[0] || n.Kind == '[' && strconv.Itoa(i) != path[0] {
			continue
		}
		found = true
		switch {
		case len(path) > 1:
			err = errors.Join(err, editTree(kind, &n.Elems[i], value, path[1:]))
		case kind == removes:
			n.Elems = slices.Delete(n.Elems, i, i+1)
			if n.Kind == '{' {
				n.Names = slices.Delete(n.Names, i, i+1)
			}
		default:
			n.Elems[i] = value
		}
	}
	if found || kind != sets {
		return err
	}
	if n.Kind == '[' {
		return errPath
	}
	if len(path) > 1 {
		made := chunkgen.Node{Kind: 'n'}
		_ = editTree(kind, &made, value, path[1:]) // nothing of it is there
		value = made
	}
	n.Names, n.Elems = append(n.Names, path[0]), append(n.Elems, value)
	return nil
}

// isSameTree reports whether two values have the same members in the same order, and all else as it was written.
func isSameTree(a, b chunkgen.Node) bool {
	if a.Kind != b.Kind || !slices.Equal(a.Names, b.Names) {
		return false
	}
	if a.Kind == '{' || a.Kind == '[' {
		return slices.EqualFunc(a.Elems, b.Elems, isSameTree)
	}
	return a.Raw == b.Raw
}

func render(n chunkgen.Node) string {
	var parts []string
	switch n.Kind {
	case '{':
		for i, elem := range n.Elems {
			parts = append(parts, strconv.Quote(n.Names[i])+":"+render(elem))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case '[':
		for _, elem := range n.Elems {
			parts = append(parts, render(elem))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return n.Raw
}

// spliced replaces the value at path in a text that the edit is known to suit, at the places where encoding/json says
// that it stands.
func spliced(text, value string, path []string) string {
	if len(path) == 0 {
		return value
	}
	d := json.NewDecoder(strings.NewReader(text))
	opening, err := d.Token()
	if _, isDelim := opening.(json.Delim); err != nil || !isDelim {
		return text // null
	}
	var b strings.Builder
	done := 0
	for i := 0; d.More(); i++ {
		name := strconv.Itoa(i)
		if opening == json.Delim('{') {
			token, err := d.Token()
			if err != nil {
				return err.Error()
			}
			name = token.(string)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err.Error()
		}
		if name != path[0] {
			continue
		}
		end := int(d.InputOffset())
		b.WriteString(text[done : end-len(raw)])
		b.WriteString(spliced(string(raw), value, path[1:]))
		done = end
	}
	return b.String() + text[done:]
}

// TestEditRandomTrees: the edits of FuzzEdit, of trees in which a short path of few names is met often.
func TestEditRandomTrees(t *testing.T) {
	r := random(1)
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	space := func() string { return pick("", "", "", " ", "\n\t") }
	var tree func(depth int) string
	tree = func(depth int) string {
		kind := r.IntN(8)
		if depth == 0 {
			kind = r.IntN(6)
		}
		if kind == 7 || depth > 4 {
			return pick(`1`, `null`, `"a"`, `"}]"`, `true`, `-0.5e1`, `{}`, `[ ]`)
		}
		opening, closing := "{", "}"
		if kind > 4 {
			opening, closing = "[", "]"
		}
		var b strings.Builder
		b.WriteString(opening + space())
		for i := range r.IntN(5) {
			if i > 0 {
				b.WriteString("," + space())
			}
			if opening == "{" {
				b.WriteString(pick(`"a"`, `"a"`, `"0"`, `"1"`, `"\u0061"`, `"b"`, `"\u0030"`) + space() + ":" + space())
			}
			b.WriteString(tree(depth+1) + space())
		}
		return b.String() + closing
	}
	edited := 0
	for range 1_000 {
		payload := []byte(space() + tree(0) + space())
		var path []string
		for range 1 + r.IntN(3) {
			path = append(path, pick("a", "a", "0", "1", "b"))
		}
		for _, kind := range []editKind{replaces, removes, sets} {
			fail(t, editDiffs(kind, payload, []byte(` {"new":[]} `), path), payload, []byte(strings.Join(path, "/")))
			if got, err := kind.do(nil, payload, []byte("7"), path); err == nil && !bytes.Equal(got, payload) {
				edited++
			}
		}
		if t.Failed() {
			return
		}
	}
	if edited < 500 {
		t.Errorf("only %d edits changed anything", edited)
	}
}
