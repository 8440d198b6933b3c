package main

import (
	"slices"
	"strings"
)

// listed returns the objects that stand in lists.
func listed(objects []*object) []*object {
	return used(objects, func(m member) bool { return m.isList() })
}

// arenas returns the objects that the parser has memory for: those that stand in lists
// or behind pointers.
func arenas(objects []*object) []*object {
	return used(objects, func(m member) bool { return m.isList() || m.kind == pointerKind })
}

// used returns the objects that some member of the given sort has.
func used(objects []*object, sort func(member) bool) (found []*object) {
	for _, o := range objects {
		if slices.ContainsFunc(objects, func(user *object) bool {
			return slices.ContainsFunc(user.members, func(m member) bool { return m.of == o && sort(m) })
		}) {
			found = append(found, o)
		}
	}
	return found
}

// isPlainList reports whether the object stands in a plain list, which each payload has.
func isPlainList(objects []*object, o *object) bool {
	plain := used(objects, func(m member) bool { return m.kind == plainListKind })
	return slices.Contains(plain, o)
}

// within returns the lists that an element of a list of such objects may have parts in:
// those that nothing else has, if there is but one such list in a payload, and the others.
func within(objects []*object, o *object) (own, shared []string) {
	objects = inPayloadsOf(objects, o)
	parts := reached(o, nil)
	elsewhere := map[string]bool{"members": true} // a root has an Extra
	if isPlainList(objects, o) {
		for _, other := range objects {
			if other != o && !slices.Contains(parts, other) {
				for _, m := range other.members {
					if m.of != nil && m.of != o {
						elsewhere[m.of.name] = true
					}
				}
			}
		}
	}
	add := func(name string) {
		if isPlainList(objects, o) && !elsewhere[name] {
			own = append(own, name)
		} else {
			shared = append(shared, name)
		}
	}
	for _, a := range arenas(parts) {
		if a != o {
			add(a.name)
		}
	}
	if slices.ContainsFunc(parts, func(p *object) bool {
		return slices.ContainsFunc(p.members, func(m member) bool { return m.kind == integersKind })
	}) {
		add("ints")
	}
	add("members")
	return own, shared
}

// inPayloadsOf returns the objects that can stand in one payload with the given one.
func inPayloadsOf(objects []*object, o *object) (found []*object) {
	for _, root := range objects {
		if root.root && slices.Contains(reached(root, nil), o) {
			found = reached(root, found)
		}
	}
	return found
}

// reached returns the object and all that its members are made of.
func reached(o *object, found []*object) []*object {
	if slices.Contains(found, o) {
		return found
	}
	found = append(found, o)
	for _, m := range o.members {
		if m.of != nil {
			found = reached(m.of, found)
		}
	}
	return found
}

// writeLists writes the memory that a parser has for lists and for objects behind
// pointers, and what is done with all of it.
func writeLists(w *writer, objects []*object) {
	var names, lent []string // all, and those that not each payload has
	w.line("")
	w.line("// lists has the memory that the lists of a chunk, and the objects behind its pointers,")
	w.line("// are carved from.")
	w.line("type lists struct {")
	for _, o := range arenas(objects) {
		w.line("%s []%s", o.name, o.goType)
		names = append(names, o.name)
		if !isPlainList(objects, o) {
			lent = append(lent, o.name)
		}
	}
	w.line("ints []int64")
	w.line("members []Member")
	w.line("}")
	names, lent = append(names, "ints", "members"), append(lent, "ints", "members")

	w.line("")
	w.line("// newLists returns lists that are not nil, since an empty list in the payload is not a")
	w.line("// nil one.")
	w.line("func newLists() lists {")
	w.line("return lists{")
	for _, o := range arenas(objects) {
		w.line("%s: []%s{},", o.name, o.goType)
	}
	w.line("ints: []int64{},")
	w.line("members: []Member{},")
	w.line("}")
	w.line("}")

	each := func(names []string, format, separator string) string {
		var parts []string
		for _, name := range names {
			parts = append(parts, strings.ReplaceAll(format, "$", "l."+name))
		}
		return strings.Join(parts, separator)
	}
	w.line("")
	w.line("// inUse is 0 if no list has elements but those that each payload has.")
	w.line("func (l *lists) inUse() int { return %s }", each(lent, "len($)", " | "))
	w.line("")
	w.line("// capacities returns how many elements the memory of each list has.")
	w.line("func (l *lists) capacities() [%d]int {", len(names))
	w.line("return [...]int{%s}", each(names, "cap($)", ", "))
	w.line("}")
	w.line("")
	w.line("// elements returns how many objects and members there is memory for.")
	w.line("func (l *lists) elements() int {")
	w.line("return %s", each(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "ints" }), "cap($)", " + "))
	w.line("}")
	w.line("")
	w.line("// emptyUsual empties the lists that each payload has.")
	w.line("func (l *lists) emptyUsual() {")
	for _, o := range arenas(objects) {
		if isPlainList(objects, o) {
			w.line("l.%s = l.%s[:0]", o.name, o.name)
		}
	}
	w.line("}")
	w.line("")
	w.line("// isUsual reports whether those lists have no more memory than usual.")
	usual := []string{}
	for _, o := range arenas(objects) {
		if isPlainList(objects, o) {
			usual = append(usual, o.name)
		}
	}
	w.line("func (l *lists) isUsual() bool { return %s }", each(usual, "cap($) <= usualElements", " && "))
	w.line("")
	w.line("// emptyLists empties the lists that have elements, and with all looks at the memory of")
	w.line("// the others too.")
	w.line("func (p *parser) emptyLists(all bool) {")
	for _, name := range names {
		w.line("if all || len(p.lists.%s) > 0 { emptied(p, &p.lists.%s, maxIdleList) }", name, name)
	}
	w.line("}")
}

// writeCopies writes the methods that copy the lists of a chunk.
func writeCopies(w *writer, objects []*object) {
	for _, o := range objects {
		w.copyLists(o)
	}
}

// copyLists writes the method that copies the lists of an object to new memory.
func (w *writer) copyLists(o *object) {
	title := upperFirst(o.name)
	w.line("")
	w.line("// copy%s gives what the object has lists and pointers to memory of the parser.", title)
	w.line("func (p *copier) copy%s(c *%s) {", title, o.goType)
	for _, m := range o.members {
		field, part := "c."+m.field, ""
		if m.of != nil {
			part = upperFirst(m.of.name)
		}
		switch m.kind {
		case integersKind:
			w.line("carve(p, &p.lists.ints, &%s.Value)", field)
		case objectKind:
			w.line("p.copy%s(&%s.Value)", part, field)
		case plainObjectKind:
			w.line("p.copy%s(&%s)", part, field)
		case pointerKind:
			w.line("if %s.Value != nil {", field)
			w.line("carvePointer(p, &p.lists.%s, &%s.Value)", m.of.name, field)
			w.line("p.copy%s(%s.Value)", part, field)
			w.line("}")
		case listKind, plainListKind:
			list := field
			if m.kind == listKind {
				list += ".Value"
			}
			w.line("carve(p, &p.lists.%s, &%s)", m.of.name, list)
			w.line("for i := range %s { p.copy%s(&%s[i]) }", list, part, list)
		}
	}
	w.line("carve(p, &p.lists.members, &c.Extra)")
	w.line("}")
}

func upperFirst(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
