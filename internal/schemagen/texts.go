package main

import "strings"

// writeTexts writes the walk over all that a person may read. The kind of a text is its
// path, without the plain members, which each payload has.
func writeTexts(w *writer, objects []*object) {
	t := textWriter{w}
	for _, o := range objects {
		if o.root {
			t.walk(o, o.name, "")
		}
	}
}

type textWriter struct{ *writer }

// walk writes the method for an object at one path: function is its name, prefix what the
// kinds of its texts begin with.
func (t *textWriter) walk(o *object, function, prefix string) {
	if !o.hasText() {
		return
	}
	var parts []func()
	t.line("")
	t.line("func (w *textWalk) %s(at Surface, c *%s) {", function, o.goType)
	for _, m := range o.members {
		if m.text {
			t.line("w.text(at, %q, &c.%s)", prefix+m.name, m.field)
			continue
		}
		if m.of == nil || !m.of.hasText() {
			continue
		}
		part, within := m.of.name, prefix
		if !m.isPlain() {
			part, within = lowerFirst(strings.TrimPrefix(function+m.field, o.plainName(function))), prefix+m.name+"."
		}
		t.part(m, part)
		parts = append(parts, func() { t.walk(m.of, part, within) })
	}
	t.line("w.extra(at, c.Extra, %sSurface)", function)
	t.line("}")
	t.kinds(o, function, prefix)
	for _, write := range parts {
		write()
	}
}

// plainName returns what a function's name has of plain members, which is no part of the
// path.
func (o *object) plainName(function string) string {
	if function == o.name {
		return function
	}
	return ""
}

// part writes the visit of a member that has texts in it.
func (t *textWriter) part(m member, function string) {
	field := "c." + m.field
	switch m.kind {
	case objectKind:
		t.line("if %s.state == set { w.%s(at, &%s.Value) }", field, function, field)
	case pointerKind:
		t.line("if pointerState(%s) == set { w.%s(at, %s.Value) }", field, function, field)
	case plainObjectKind:
		t.line("w.%s(at, &%s)", function, field)
	default:
		if m.kind == listKind {
			field += ".Value"
		}
		t.line("for i := range %s { w.%s(at.in%s(i, &%s[i]), &%s[i]) }", field, function, upperFirst(m.of.name), field, field)
	}
}

// kinds writes the function that tells which members of an Extra have text: those with a
// field that came in another shape, and those that are known without having one.
func (t *textWriter) kinds(o *object, function, prefix string) {
	t.line("")
	t.line("func %sSurface(name Text) SurfaceKind {", function)
	t.line("switch string(name) {")
	for _, m := range o.members {
		if m.text || m.of != nil && m.of.hasText() {
			t.line("case %q: return %q", m.name, prefix+m.name)
		}
	}
	t.line("}")
	t.line("return unknownSurface(&%sKind, name)", o.name)
	t.line("}")
}
