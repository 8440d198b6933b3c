package fuzz_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// FuzzRawValue: a value is of the type that encoding/json reads it as, with that value, and bytes that are not JSON have no type.
// Get and Elements give what stands in a tree of it. The path is written with slashes.
//
//	go test -fuzz '^FuzzRawValue$' ./fuzz
func FuzzRawValue(f *testing.F) {
	for _, v := range chunkgen.RFC8259() {
		f.Add([]byte(v.Text()), "a")
		f.Add([]byte(`{"a":{"b":`+v.Text()+`}}`), "a/b")
		f.Add([]byte(`["`+v.Text()+`"]`), "0")
	}
	for _, s := range []string{
		`{"a":1,"a":{"b":2},"\u0061":{"b":3,"b":4}}`, "{\"\xff\":1,\"\\ud800\":2,\"\ufffd\":{\"\":3}}", ` { "a" : [ 1 , "]" , {} ] } `, `-0.0`, `1e400`, `9223372036854775808`, `123e-1`, ` "grüße\n" `,
	} {
		for _, path := range []string{"a", "a/b", "\ufffd", "\ufffd/", "\xff", ""} {
			f.Add([]byte(s), path)
		}
	}
	seedPayloads(f, func(payload []byte) { f.Add(payload, "choices") })
	f.Fuzz(func(t *testing.T, raw []byte, slashed string) {
		if len(raw) > chunkgen.MaxPayload || len(slashed) > 1000 {
			return
		}
		before := bytes.Clone(raw)
		diffs := rawValueDiffs(raw, strings.Split(slashed, "/"))
		if !bytes.Equal(raw, before) {
			diffs = append(diffs, "it was written to")
		}
		fail(t, diffs, before, []byte(slashed))
	})
}

func rawValueDiffs(raw []byte, path []string) (diffs []string) {
	v := chatstream.RawValue(raw)
	check := func(what string, got, is, want, wantIs any) {
		if is != wantIs || is == true && got != want {
			diffs = append(diffs, fmt.Sprintf("%s: %.100v, %v, not %.100v, %v", what, got, is, want, wantIs))
		}
	}
	n, err := chunkgen.Parse(raw) // of kind 0 if it is not JSON
	_, isValue := v.Get()
	check("Get()", nil, isValue, nil, err == nil)
	text, isText := v.Text()
	check("Text", text.String(), isText, n.Str, n.Kind == '"')
	b, isBool := v.Bool()
	check("Bool", b, isBool, n.Kind == 't', n.Kind == 't' || n.Kind == 'f')
	i, isInt := v.Int64()
	wantInt, wantIsInt := int64(0), false
	var wantFloat float64
	wantIsFloat := n.Kind == '0' && json.Unmarshal(raw, &wantFloat) == nil
	if n.Kind == '0' {
		wantInt, wantIsInt = chunkgen.ExactInt(n.Raw)
	}
	check("Int64", i, isInt, wantInt, wantIsInt)
	f, isFloat := v.Float64()
	check("Float64", big.NewFloat(f).String(), isFloat, big.NewFloat(wantFloat).String(), wantIsFloat)

	member, found := v.Get(path...)
	wantMember, wantFound := memberAt(n, path)
	check(fmt.Sprintf("Get(%q)", path), member.String(), found, wantMember.Raw, wantFound)
	members := chatstream.Members{{Name: chatstream.Text("x"), Value: chatstream.RawValue("{}")}, {Name: chatstream.Text("x"), Value: v}}
	member, found = members.Get(slices.Concat([]string{"x"}, path)...)
	check("Members.Get", member.String(), found, wantMember.Raw, wantFound)

	var elements, wantElements []string
	for element := range v.Elements() {
		elements = append(elements, element.String())
	}
	if n.Kind == '[' {
		for _, element := range n.Elems {
			wantElements = append(wantElements, element.Raw)
		}
	}
	if !slices.Equal(elements, wantElements) {
		diffs = append(diffs, fmt.Sprintf("elements %q, not %q", elements, wantElements))
	}
	return diffs
}

// memberAt is the last member at a path through objects.
func memberAt(n chunkgen.Node, path []string) (chunkgen.Node, bool) {
	for _, name := range path {
		i := len(n.Names) - 1
		for i >= 0 && n.Names[i] != name {
			i--
		}
		if i < 0 {
			return chunkgen.Node{}, false
		}
		n = n.Elems[i]
	}
	return n, true
}
