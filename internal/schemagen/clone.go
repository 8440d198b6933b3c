package main

// writeClone writes the functions that copy the contents of an object to new memory.
func writeClone(w *writer, objects []*object) {
	for _, o := range objects {
		w.line("")
		w.line("func clone%s(c *%s) {", upperFirst(o.name), o.goType)
		for _, m := range o.members {
			w.cloneMember(m)
		}
		w.line("cloneExtra(&c.Extra)")
		w.line("}")
	}
}

func (w *writer) cloneMember(m member) {
	field, function := "c."+m.field, ""
	if m.of != nil {
		function = "clone" + upperFirst(m.of.name)
	}
	if m.instead != "" {
		w.line("c.%s = slices.Clone(c.%s)", m.instead, m.instead)
	}
	switch m.kind {
	case textKind, rawKind, integersKind:
		w.line("%s.Value = slices.Clone(%s.Value)", field, field)
	case objectKind:
		w.line("%s(&%s.Value)", function, field)
	case pointerKind:
		w.line("clonePointer(&%s.Value, %s)", field, function)
	case listKind:
		w.line("cloneList(&%s.Value, %s)", field, function)
	case plainListKind:
		w.line("cloneList(&%s, %s)", field, function)
	case plainObjectKind:
		w.line("%s(&%s)", function, field)
	}
}
