package main

// writeNames writes the numbers and names of each object's members.
func writeNames(w *writer, objects []*object) {
	for _, o := range objects {
		w.line("")
		w.line("// The members of %s.", o.goType)
		w.line("const (")
		for i, m := range o.members {
			w.line("%s = %d", o.number(m), i)
		}
		w.line(")")
		w.line("")
		w.line("var %sKind = objectKind{", o.name)
		w.line("names: []string{")
		for _, m := range o.members {
			w.line("%q,", m.name)
		}
		w.line("},")
		w.line("wants: []string{")
		for _, m := range o.members {
			w.line("%q,", m.wants())
		}
		w.line("},")
		w.line("}")
	}
}
