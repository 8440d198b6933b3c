package main

// writeAmbiguous writes the methods that tell whether other readers may read an object in
// another way, and that leave one reading.
func writeAmbiguous(w *writer, objects []*object) {
	for _, o := range objects {
		w.line("")
		w.line("func (c *%s) isAmbiguous() bool {", o.goType)
		w.line("if isAmbiguous(&%sKind, c.repeated, c.Extra) { return true }", o.name)
		eachPart(w, o, func(part string) string { return "if " + part + ".isAmbiguous() { return true }" })
		w.line("return false")
		w.line("}")

		w.line("")
		w.line("func (c *%s) disambiguate() {", o.goType)
		w.line("disambiguate(&%sKind, &c.repeated, &c.Extra)", o.name)
		eachPart(w, o, func(part string) string { return part + ".disambiguate()" })
		w.line("}")
	}
}

// eachPart writes a statement for each object within an object.
func eachPart(w *writer, o *object, statement func(part string) string) {
	for _, m := range o.members {
		field := "c." + m.field
		switch m.kind {
		case objectKind:
			w.line("%s", statement(field+".Value"))
		case plainObjectKind:
			w.line("%s", statement(field))
		case pointerKind:
			w.line("if pointerState(%s) == set { %s }", field, statement(field+".Value"))
		case listKind, plainListKind:
			if m.kind == listKind {
				field += ".Value"
			}
			w.line("for i := range %s { %s }", field, statement(field+"[i]"))
		}
	}
}
