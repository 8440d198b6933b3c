package main

import "fmt"

// writeAppend writes the functions that append each object as JSON.
func writeAppend(w *writer, objects []*object) {
	for _, o := range objects {
		w.append(o)
	}
	for _, o := range used(objects, func(m member) bool { return m.kind == plainObjectKind }) {
		w.isEmpty(o)
	}
}

func (w *writer) append(o *object) {
	w.line("")
	w.line("func append%s(dst []byte, c *%s) []byte {", upperFirst(o.name), o.goType)
	w.line("w := openObject(dst, &%sKind)", o.name)
	for _, m := range o.members {
		w.appendMember(o, m)
	}
	w.line("return w.close(c.Extra)")
	w.line("}")
}

func (w *writer) appendMember(o *object, m member) {
	number, field := o.number(m), "c."+m.field
	value := func(call string) {
		w.line("if w.value(%s, %s.state) { w.dst = %s }", number, field, call)
	}
	plain := func(present, call string) {
		w.line("if %s {", present)
		w.line("w.member(%s)", number)
		w.line("w.dst = %s", call)
		w.line("}")
	}
	function := ""
	if m.of != nil {
		function = "append" + upperFirst(m.of.name)
	}
	switch m.kind {
	case textKind:
		if m.instead != "" {
			w.line("if c.%s != nil {", m.instead)
			w.line("w.member(%s)", number)
			w.line("w.dst = jsonwire.AppendRaw(w.dst, c.%s)", m.instead)
			w.line("} else {")
			defer w.line("}")
		}
		w.line("w.text(%s, %s)", number, field)
	case integerKind:
		w.line("w.int(%s, %s)", number, field)
	case numberKind:
		w.line("w.float(%s, %s)", number, field)
	case enumKind:
		w.line("writeEnum(&w, %s, %s)", number, field)
	case rawKind:
		value(fmt.Sprintf("jsonwire.AppendRaw(w.dst, %s.Value)", field))
	case integersKind:
		w.line("w.ints(%s, %s)", number, field)
	case objectKind:
		value(fmt.Sprintf("%s(w.dst, &%s.Value)", function, field))
	case pointerKind: // a pointer that is set to nil is null
		w.line("if w.value(%s, pointerState(%s)) { w.dst = %s(w.dst, %s.Value) }", number, field, function, field)
	case listKind:
		value(fmt.Sprintf("appendList(w.dst, %s.Value, %s)", field, function))
	case plainEnumKind:
		plain(fmt.Sprintf("%s != \"\" || c.%s", field, m.mark), fmt.Sprintf("jsonwire.AppendString(w.dst, %s)", field))
	case plainListKind:
		plain(field+" != nil", fmt.Sprintf("appendList(w.dst, %s, %s)", field, function))
	case plainObjectKind:
		plain(fmt.Sprintf("!c.%s || !%s.isEmpty()", m.mark, field), fmt.Sprintf("%s(w.dst, &%s)", function, field))
	}
}

// isEmpty writes the method that tells whether an object has no member.
func (w *writer) isEmpty(o *object) {
	w.line("")
	w.line("// isEmpty reports whether the object has no member at all.")
	w.line("func (c *%s) isEmpty() bool {", o.goType)
	states, plain := "", ""
	for _, m := range o.members {
		switch m.kind {
		case plainEnumKind:
			plain += fmt.Sprintf(" && c.%s == \"\" && !c.%s", m.field, m.mark)
		case plainListKind:
			plain += fmt.Sprintf(" && c.%s == nil", m.field)
		case plainObjectKind:
			plain += fmt.Sprintf(" && c.%s && c.%s.isEmpty()", m.mark, m.field)
		default:
			if states != "" {
				states += " | "
			}
			states += "c." + m.field + ".state"
		}
	}
	for _, m := range o.members {
		if m.instead != "" {
			plain += fmt.Sprintf(" && c.%s == nil", m.instead)
		}
	}
	if states != "" {
		plain = " && " + states + " == absent" + plain
	}
	w.line("return len(c.Extra) == 0%s", plain)
	w.line("}")
}
