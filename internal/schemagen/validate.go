package main

import "fmt"

// writeValidate writes the methods that hold each object against the schema.
func writeValidate(w *writer, objects []*object) {
	for _, o := range objects {
		w.line("")
		w.line("func (v *validator) %s(path string, c *%s) {", o.name, o.goType)
		body := new(writer)
		for _, m := range o.members {
			body.presence(o, m)
			body.parts(o, m)
		}
		object := fmt.Sprintf("v.object(path, &%sKind, c.repeated, c.Extra)", o.name)
		if body.Len() > 0 {
			object = "o := " + object
		}
		w.line("%s", object)
		w.Write(body.Bytes())
		w.line("}")
	}
}

// presence writes the objections to a member that is missing or null, or has a value that
// the schema does not know.
func (w *writer) presence(o *object, m member) {
	number, field := o.number(m), "c."+m.field
	enum := func(value string) {
		if len(m.enum) == 0 || m.extension {
			return
		}
		values := ""
		for _, c := range m.enum {
			values += ", string(" + c.name + ")"
		}
		w.line("o.enum(%s, string(%s)%s)", number, value, values)
	}
	switch m.kind {
	case plainEnumKind:
		w.line("if o.present(%s, %s != \"\" || c.%s, %t) {", number, field, m.mark, m.required)
		enum(field)
		w.line("}")
		return
	case plainListKind:
		w.line("o.present(%s, %s != nil, %t)", number, field, m.required)
		return
	case plainObjectKind:
		return // with its parts
	}
	if m.required {
		w.line("o.required(%s, %s.state != absent)", number, field)
	}
	if !m.nullable && !m.extension {
		w.line("o.optional(%s, %s.state)", number, field)
	}
	if m.kind == enumKind && !m.extension {
		w.line("if %s.state == set {", field)
		enum(field + ".Value")
		w.line("}")
	}
}

// parts writes the objections to the objects in a member.
func (w *writer) parts(o *object, m member) {
	if m.of == nil {
		return
	}
	number, field := o.number(m), "c."+m.field
	object := func(condition, pointer string) {
		w.line("if %s { v.%s(o.path(%s), %s) }", condition, m.of.name, number, pointer)
	}
	switch m.kind {
	case objectKind:
		object(field+".state == set", "&"+field+".Value")
	case pointerKind:
		object("pointerState("+field+") == set", field+".Value")
	case plainObjectKind:
		object(fmt.Sprintf("o.present(%s, !c.%s || !%s.isEmpty(), %t)", number, m.mark, field, m.required), "&"+field)
	case listKind, plainListKind:
		if m.kind == listKind {
			field += ".Value"
		}
		w.line("for i := range %s { v.%s(o.element(%s, i), &%s[i]) }", field, m.of.name, number, field)
	}
}
