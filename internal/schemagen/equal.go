package main

import "fmt"

// writeEqual writes the methods that compare objects.
func writeEqual(w *writer, objects []*object) {
	for _, o := range objects {
		w.equal(o)
	}
	w.equalValues(objects)
}

func (w *writer) equal(o *object) {
	w.line("")
	w.line("// Equal reports whether both objects are written alike by AppendJSON: the states and")
	w.line("// values of all fields, and Extra in its order.")
	w.line("func (c %s) Equal(other %s) bool { return equal%s(&c, &other) }", o.goType, o.goType, upperFirst(o.name))
	w.line("")
	w.line("func equal%s(a, b *%s) bool {", upperFirst(o.name), o.goType)
	w.line("return equalExtra(a.Extra, b.Extra)")
	w.Truncate(w.Len() - 1) // the condition goes on
	for _, m := range o.members {
		w.line(" &&")
		w.WriteString(m.equal())
	}
	w.line("")
	w.line("}")
}

// equal returns the condition that the member is equal in a and b.
func (m member) equal() string {
	a, b, function := "a."+m.field, "b."+m.field, ""
	if m.of != nil {
		function = "equal" + upperFirst(m.of.name)
	}
	states := fmt.Sprintf("%s.state == %s.state && ", a, b)
	ifSet := func(condition string) string {
		return fmt.Sprintf("%s(%s.state != set || %s)", states, a, condition)
	}
	switch m.kind {
	case textKind, rawKind:
		if m.instead != "" {
			return fmt.Sprintf("equalTextOrRaw(&%s, &%s, a.%s, b.%s)", a, b, m.instead, m.instead)
		}
		return ifSet(fmt.Sprintf("bytes.Equal(%s.Value, %s.Value)", a, b))
	case integerKind, enumKind:
		return ifSet(fmt.Sprintf("%s.Value == %s.Value", a, b))
	case numberKind:
		return ifSet(fmt.Sprintf("math.Float64bits(%s.Value) == math.Float64bits(%s.Value)", a, b))
	case integersKind:
		return ifSet(fmt.Sprintf("slices.Equal(%s.Value, %s.Value)", a, b))
	case objectKind:
		return ifSet(fmt.Sprintf("%s(&%s.Value, &%s.Value)", function, a, b))
	case pointerKind:
		return fmt.Sprintf("pointerState(%s) == pointerState(%s) && (pointerState(%s) != set || %s(%s.Value, %s.Value))", a, b, a, function, a, b)
	case listKind:
		return ifSet(fmt.Sprintf("equalList(%s.Value, %s.Value, %s)", a, b, function))
	case plainEnumKind:
		return fmt.Sprintf("%s == %s && (%s != \"\" || a.%s == b.%s)", a, b, a, m.mark, m.mark)
	case plainListKind:
		return fmt.Sprintf("(%s == nil) == (%s == nil) && equalList(%s, %s, %s)", a, b, a, b, function)
	default:
		return fmt.Sprintf("(a.%s && %s.isEmpty()) == (b.%s && %s.isEmpty()) && %s(&%s, &%s)", m.mark, a, m.mark, b, function, a, b)
	}
}

// equalValues writes the function that compares the values of two Optionals of one type.
func (w *writer) equalValues(objects []*object) {
	w.line("")
	w.line("// equalValues compares two values of one type, if it is one that an Optional of the")
	w.line("// schema has and that is not compared by itself.")
	w.line("func equalValues(a, b any) (equal, known bool) {")
	w.line("switch a := a.(type) {")
	for _, o := range objects {
		name := upperFirst(o.name)
		w.line("case %s: b := b.(%s); return equal%s(&a, &b), true", o.goType, o.goType, name)
	}
	for _, o := range used(objects, func(m member) bool { return m.kind == pointerKind }) {
		name := upperFirst(o.name)
		w.line("case *%s: b := b.(*%s); return a == b || a != nil && b != nil && equal%s(a, b), true", o.goType, o.goType, name)
	}
	for _, o := range used(objects, func(m member) bool { return m.kind == listKind }) {
		w.line("case []%s: return equalList(a, b.([]%s), equal%s), true", o.goType, o.goType, upperFirst(o.name))
	}
	w.line("}")
	w.line("return false, false")
	w.line("}")
}
