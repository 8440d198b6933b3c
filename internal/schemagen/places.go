package main

import (
	"fmt"
	"slices"
	"strings"
)

// A template knows the places of values by number: which member of which list it is, and
// of which element.

// placed is a member with its place.
type placed struct {
	member
	constant string // its number
	root     *object
	path     string // from the root on
}

// placesOf returns the members of the given kind, in all roots: what has a list of its
// own, and the chunk.
func placesOf(objects []*object, kinds ...kind) (all []placed) {
	for _, root := range objects {
		if !root.root && !isArena(objects, root) {
			continue
		}
		all = append(all, placesIn(root, root, "at"+upperFirst(root.name), "", kinds)...)
	}
	return all
}

func isArena(objects []*object, o *object) bool { return slices.Contains(arenas(objects), o) }

func placesIn(root, o *object, constant, path string, kinds []kind) (all []placed) {
	for _, m := range o.members {
		switch m.kind {
		case objectKind:
			all = append(all, placesIn(root, m.of, constant+m.field, path+"."+m.field+".Value", kinds)...)
		case plainObjectKind:
			all = append(all, placesIn(root, m.of, constant+m.field, path+"."+m.field, kinds)...)
		}
		for _, k := range kinds {
			if m.kind == k {
				all = append(all, placed{m, constant + m.field, root, path + "." + m.field})
			}
		}
	}
	return all
}

// accessors are the kinds of values that have a place, with the type of their field and the
// name of the method that finds it.
var accessors = []struct {
	kind         kind
	goType, name string
}{
	{textKind, "Text", "text"},
	{integerKind, "int64", "integer"},
	{numberKind, "float64", "number"},
	{integersKind, "[]int64", "integers"},
	{rawKind, "RawValue", "raw"},
}

// writePlaces writes the places of values in a chunk.
func writePlaces(w *writer, objects []*object) {
	writePlaced(w, objects)
	w.line("")
	w.line("// seatOf is a member of an object that stands in a list, behind a pointer, or on its")
	w.line("// own; of objects within it, too.")
	w.line("type seatOf uint8")
	w.line("")
	w.line("const (")
	w.line("noPlace seatOf = iota")
	for _, a := range accessors {
		for _, p := range placesOf(objects, a.kind) {
			w.line("%s", p.constant)
		}
	}
	w.line("atMember")
	w.line(")")
	for _, a := range accessors {
		w.line("")
		w.line("// %sAt returns the field of a place in a chunk of this parser.", a.name)
		w.line("func (p *parser) %sAt(c *CreateChatCompletionData, at seat) *Optional[%s] {", a.name, a.goType)
		w.line("switch at.of {")
		for _, p := range placesOf(objects, a.kind) {
			w.line("case %s: return &%s%s", p.constant, rootOf(objects, p.root), p.path)
		}
		w.line("}")
		w.line(`panic("BUG: chatstream: no such place")`)
		w.line("}")
	}
	for _, o := range objects {
		if o.root || isArena(objects, o) {
			w.walk(objects, o)
		}
	}
}

func rootOf(objects []*object, o *object) string {
	switch {
	case o.root:
		return "c"
	case isPlainList(objects, o):
		return "c.Choices[at.index]"
	}
	return fmt.Sprintf("p.lists.%s[at.index]", o.name)
}

// walk writes the method that visits the values of an object, in the order in which its
// lists are copied.
func (w *writer) walk(objects []*object, o *object) {
	w.line("")
	w.line("// %s visits the values of the i-th object of its list.", o.name)
	w.line("func (w *placer) %s(c *%s, i int) {", o.name, o.goType)
	w.walkMembers(o, "at"+upperFirst(o.name), "c")
	w.line("}")
}

func (w *writer) walkMembers(o *object, constant, path string) {
	for _, m := range o.members {
		field, at := path+"."+m.field, constant+m.field
		switch m.kind {
		case textKind:
			w.line("w.text(&%s, seat{%s, uint16(i)}, %v)", field, at, m.fixed)
		case integerKind:
			w.line("w.integer(&%s, seat{%s, uint16(i)})", field, at)
		case numberKind:
			w.line("w.number(&%s, seat{%s, uint16(i)})", field, at)
		case integersKind:
			w.line("w.integers(&%s, seat{%s, uint16(i)})", field, at)
		case rawKind:
			w.line("w.raw(&%s, seat{%s, uint16(i)})", field, at)
		case objectKind:
			w.walkMembers(m.of, at, field+".Value")
		case plainObjectKind:
			w.walkMembers(m.of, at, field)
		case pointerKind:
			w.line("if %s.Value != nil {", field)
			w.line("n := count(&w.n.%s, 1)", m.of.name)
			w.line("w.%s(%s.Value, n)", m.of.name, field)
			w.line("}")
		case listKind, plainListKind:
			list := field
			if m.kind == listKind {
				list += ".Value"
			}
			w.line("for i, n := 0, count(&w.n.%s, len(%s)); i < len(%s); i++ {", m.of.name, list, list)
			w.line("w.%s(&%s[i], n+i)", m.of.name, list)
			w.line("}")
		}
	}
	w.line("w.members(%s.Extra)", path)
}

// writePlaced writes how many elements of each list a chunk has.
func writePlaced(w *writer, objects []*object) {
	var names, lent []string // all, and those that not each payload has
	for _, o := range arenas(objects) {
		names = append(names, o.name)
		if !isPlainList(objects, o) {
			lent = append(lent, o.name)
		}
	}
	names, lent = append(names, "members"), append(lent, "members")
	w.line("")
	w.line("// placed says how many elements of each list a chunk has.")
	w.line("type placed struct { %s int }", strings.Join(names, ", "))
	w.line("")
	w.line("func (n *placed) elements() int { return n.%s }", strings.Join(names, " + n."))
	w.line("")
	w.line("// reserve sees to it that no list moves while a chunk with n elements is copied.")
	w.line("func (l *lists) reserve(n *placed) {")
	for _, name := range names {
		w.line("reserve(&l.%s, n.%s)", name, name)
	}
	w.line("}")
	w.line("")
	w.line("// fill makes the lists, which are empty, have the elements of others. It leaves out those")
	w.line("// that each payload has.")
	w.line("func (l *lists) fill(from *lists) {")
	for _, name := range lent {
		w.line("fill(&l.%s, from.%s)", name, name)
	}
	w.line("}")
	w.line("")
	w.line("// empty empties the lists that fill fills.")
	w.line("func (l *lists) empty() {")
	for _, name := range lent {
		w.line("l.%s = l.%s[:0]", name, name)
	}
	w.line("}")
}
