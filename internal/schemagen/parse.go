package main

import "fmt"

// writeParser writes the two methods of the parser that read each object.
//
// The first tries the members in their usual order, each as it usually stands: without
// white space, and with a value of the usual form. That costs two comparisons of eight
// bytes for the name of a member that is there, and one for a member that is not. It
// has no state. Where something else stands it leaves the rest of the object to the
// second, which sees from the struct what was read, tries the members in any order, with
// a space after commas and colons or without, and else falls back to the parser's
// general methods.
func writeParser(w *writer, objects []*object) {
	for _, o := range objects {
		w.usualMethod(o)
		w.seen(o)
		w.generalMethod(o)
	}
	for _, o := range listed(objects) {
		w.list(objects, o)
	}
}

// usualMethod writes the parser's method for an object: its members in their usual order
// and with usual values, as far as they go.
func (w *writer) usualMethod(o *object) {
	rest := fmt.Sprintf("p.%sRest(at, i, c)", o.name)
	w.line("")
	w.line("// %s reads the object at the given position into memory that is empty.", o.name)
	w.line("func (p *parser) %s(at int, c *%s) int {", o.name, o.goType)
	for _, m := range o.members {
		if m.kind == plainObjectKind {
			w.line("c.%s = true", m.mark)
		}
	}
	w.line("p.depth++")
	w.line("b, i := p.b, at")
	w.line("if p.recorder != nil { return %s }", rest)
	w.line("w := jsonwire.FirstWord(b, i)")
	for i := 0; i < len(o.members); i++ {
		run := runAt(o, i)
		if len(run) < 2 {
			w.usual(o.members[i], rest)
			continue
		}
		w.run(run, rest)
		w.line("} else {")
		for _, m := range run {
			w.usual(m, rest)
		}
		w.line("}")
		i += len(run) - 1
	}
	w.line("if byte(w) != '}' { return %s }", rest)
	w.line("p.depth--")
	w.line("return i+1")
	w.line("}")
}

// runAt returns the members from the i-th on that mostly stand side by side.
func runAt(o *object, i int) []member {
	end := i
	for o.members[end].joined {
		end++
	}
	return o.members[i : end+1]
}

// run writes code that tries to read several members with usual values at once. The last member may
// have no usual value.
func (w *writer) run(members []member, rest string) {
	var text string
	last := members[len(members)-1]
	closing := last.usual != "" && last.last // the object's brace follows
	for _, m := range members {
		text += m.label() + m.usual
	}
	if closing {
		text += "}"
	}
	w.line("if %s { // %s", stands(text), text)
	for _, m := range members {
		switch m.usual {
		case "":
		case "null":
			w.line("c.%s.state = null", m.field)
		default:
			w.line("c.%s = %s", m.field, m.value())
		}
	}
	switch {
	case closing:
		w.line("p.depth--")
		w.line("return i+%d", len(text))
	case last.usual == "":
		w.line("i += %d", len(text)-len(last.label()))
		w.line("v := i+%d", len(last.label()))
		w.value(last, func() { w.line("return %s", rest) }, false)
		w.after(last)
	}
}

// usual writes the attempt to read a member as it usually stands.
func (w *writer) usual(m member, rest string) {
	if m.kind == rawKind || m.kind == plainEnumKind && m.usual == "" {
		return
	}
	label := m.label()
	otherwise := func() { w.line("return %s", rest) }
	if m.kind == textKind { // what is compared with its name is the quotation mark, too
		withMark, otherwise := stands(label+`"`), "else"
		if len(label) > 8 {
			otherwise = "else if " + goesOn(label)
		}
		if len(label) >= 8 {
			withMark = goesOn(label + `"`)
		}
		w.line("if %s { // %s", begins(label), label)
		w.line("if %s {", withMark)
		w.line("v := i+%d", len(label))
		w.textValue(m)
		w.after(m)
		w.line("} %s {", otherwise)
		w.line("v := i+%d", len(label))
		w.line("if !jsonwire.IsNull(b, v) { return %s }", rest)
		w.line("c.%s.state, i = null, v+4", m.field)
		w.after(m)
		w.line("}")
		w.line("}")
		return
	}
	w.line("if %s { // %s", stands(label), label)
	w.line("v := i+%d", len(label))
	w.value(m, otherwise, false)
	w.after(m)
	w.line("}")
}

// after writes what follows a member that was read as usual.
func (w *writer) after(m member) {
	w.line("w = jsonwire.Word(b, i)")
	if m.last {
		w.line("if byte(w) == '}' { p.depth--; return i+1 }")
	}
}

// textValue writes how the string at v is read.
func (w *writer) textValue(m member) {
	w.line("end := v+1")
	if m.short {
		w.line("if end+16 <= len(b) {")
		w.line("end += jsonwire.FirstOf(jsonwire.Unusual(jsonwire.Load64(b, end)), jsonwire.Unusual(jsonwire.Load64(b, end+8)))")
		w.line("} else {")
		w.line("end = jsonwire.SkipASCII(b, end)")
		w.line("}")
	} else {
		w.line("for last := min(v+longText, len(b)-8); end <= last; end += 8 {")
		w.line("if m := jsonwire.Unusual(jsonwire.Load64(b, end)); m != 0 {")
		w.line("end += bits.TrailingZeros64(m)/8")
		w.line("break")
		w.line("}")
		w.line("}")
	}
	w.line("if uint(end) < uint(len(b)) && b[end] == '\"' {")
	w.line("c.%s = Optional[Text]{Text(b[v+1:end:end]), set}", m.field)
	w.line("i = end+1")
	w.line("} else if i = p.oddText(v, end, &c.%s); i < 0 {", m.field)
	w.line("return i")
	w.line("}")
}

// value writes how the value at v is read if it is a usual one, and otherwise what is
// done then. With record a template is told of it.
func (w *writer) value(m member, otherwise func(), record bool) {
	switch m.kind {
	case textKind:
		w.line("if v < len(b) && b[v] == '\"' {")
		w.textValue(m)
		w.told(m, record)
		w.line("} else if jsonwire.IsNull(b, v) {")
		w.line("c.%s.state, i = null, v+4", m.field)
		w.line("} else {")
	case integerKind:
		w.line("if v+1 < len(b) && b[v]-'0' <= 9 && (b[v+1] == ',' || b[v+1] == '}') {")
		w.line("c.%s = Optional[int64]{int64(b[v]-'0'), set}", m.field)
		w.line("i = v+1")
		w.told(m, record)
		w.line("} else if n, end := jsonwire.Digits(b, v); end > 0 {")
		w.line("c.%s, i = Optional[int64]{n, set}, end", m.field)
		w.told(m, record)
		w.line("} else {")
	case numberKind:
		w.line("if n, end := jsonwire.Digits(b, v); end > 0 {")
		w.line("c.%s, i = Optional[float64]{float64(n), set}, end", m.field)
		w.told(m, record)
		w.line("} else if f, end := jsonwire.ParseFloat(b, v); end > 0 {")
		w.line("c.%s, i = Optional[float64]{f, set}, end", m.field)
		w.told(m, record)
		w.line("} else {")
	case objectKind:
		w.nullOr(m)
		w.line("} else if v < len(b) && b[v] == '{' {")
		w.line("c.%s.state = set", m.field)
		w.line("if i = p.%s(v, &c.%s.Value); i < 0 { return i }", m.of.name, m.field)
		w.line("} else {")
	case pointerKind:
		w.nullOr(m)
		w.line("} else if v < len(b) && b[v] == '{' && p.objects < maxObjects {")
		w.line("c.%s = Optional[*%s]{newElement(p, &p.lists.%s), set}", m.field, m.of.goType, m.of.name)
		w.line("if i = p.%s(v, c.%s.Value); i < 0 { return i }", m.of.name, m.field)
		w.line("} else {")
	case integersKind:
		w.line("end := 0")
		w.line("if v < len(b) && b[v] == '[' { end = p.intList(v, &c.%s.Value) }", m.field)
		w.line("if end != 0 {")
		w.line("if end < 0 { return end }")
		w.line("c.%s.state, i = set, end", m.field)
		w.told(m, record)
		w.line("} else if jsonwire.IsNull(b, v) {")
		w.line("c.%s.state, i = null, v+4", m.field)
		w.line("} else {")
	case listKind:
		// A list that is not built is looked at again, and its elements count once.
		w.line("before, end := p.objects, 0")
		w.line("if v < len(b) && b[v] == '[' { end = p.%sList(v, &c.%s.Value) }", m.of.name, m.field)
		w.line("if end != 0 {")
		w.line("if end < 0 { return end }")
		w.line("c.%s.state, i = set, end", m.field)
		w.line("} else if jsonwire.IsNull(b, v) {")
		w.line("c.%s.state, i = null, v+4", m.field)
		w.line("} else {")
		w.line("p.objects = before")
	case enumKind:
		w.nullOr(m)
		if m.usual != "" && m.usual != "null" {
			w.line("} else if %s {", usualValue(m))
			w.line("c.%s, i = %s, v+%d", m.field, m.value(), len(m.usual))
		}
		w.line("} else {")
	case plainEnumKind:
		if m.usual == "" {
			w.line("{")
			break
		}
		w.line("if %s {", usualValue(m))
		w.line("c.%s, i = %s, v+%d", m.field, m.value(), len(m.usual))
		w.line("} else {")
	case plainListKind:
		// A list that is not built is looked at again, and its elements count once.
		w.line("before, end := p.objects, 0")
		w.line("if v < len(b) && b[v] == '[' { end = p.%sList(v, &c.%s) }", m.of.name, m.field)
		w.line("if end != 0 {")
		w.line("if i = end; i < 0 { return i }")
		w.line("} else {")
		w.line("p.objects = before")
	case plainObjectKind:
		w.line("if v < len(b) && b[v] == '{' {")
		w.line("c.%s = false", m.mark)
		w.line("if i = p.%s(v, &c.%s); i < 0 { return i }", m.of.name, m.field)
		w.line("} else {")
	default:
		w.line("{")
	}
	otherwise()
	w.line("}")
}

// nullOr writes the case that the value is null.
func (w *writer) nullOr(m member) {
	w.line("if jsonwire.IsNull(b, v) {")
	w.line("c.%s.state, i = null, v+4", m.field)
}

// told writes that a template, if there is one, is told of the member's value.
func (w *writer) told(m member, record bool) {
	if record {
		w.line("if p.recorder != nil { p.recorder.add(v, i, &c.%s) }", m.field)
	}
}

// generalMethod writes the parser's method for the rest of an object, in any order and form.
func (w *writer) generalMethod(o *object) {
	w.line("")
	w.line("// %sRest reads the rest of the object at the given position from i on.", o.name)
	w.line("func (p *parser) %sRest(at, i int, c *%s) int {", o.name, o.goType)
	w.line("o := object{kind: &%sKind, extra: len(p.pending)}", o.name)
	w.line("if i > at { o.seen = c.seen() }")
	w.line("b, w, from := p.b, uint64(0), i")
	w.line("if i == at { w = jsonwire.FirstWord(b, i) } else {")
	w.next()
	w.line("}")
	w.line("for byte(w) != '}' {")
	w.line("seen := o.seen")
	for _, m := range o.members {
		w.anyOrder(o, m)
	}
	w.line("if o.seen != seen { continue }")
	w.line("v := p.step(from, at, &o)")
	w.line("if v <= 0 { return p.leave(v, &o, &c.Extra, &c.repeated) }")
	w.line("switch o.member {")
	for _, m := range o.members {
		w.line("case %s: i = %s", o.number(m), m.read("v"))
	}
	w.line("default: i = p.extra(v, &o)")
	w.line("}")
	w.line("if i < 0 { return i }")
	w.next()
	w.line("}")
	w.line("p.depth--")
	w.line("if o.repeated == 0 && len(p.pending) == o.extra { return i+1 }")
	w.line("o.end = i+1")
	w.line("return p.leave(o.end, &o, &c.Extra, &c.repeated)")
	w.line("}")
}

// read returns the call that reads any value of the member at the given position.
func (m member) read(at string) string {
	call := func(function, more string) string {
		return fmt.Sprintf("%s(p, %s, &o, &c.%s%s)", function, at, m.field, more)
	}
	switch m.kind {
	case textKind:
		if m.instead != "" {
			return fmt.Sprintf("p.textOrRawMember(%s, &o, &c.%s, &c.%s)", at, m.field, m.instead)
		}
		return fmt.Sprintf("p.textMember(%s, &o, &c.%s)", at, m.field)
	case integerKind:
		return fmt.Sprintf("p.intMember(%s, &o, &c.%s)", at, m.field)
	case numberKind:
		return fmt.Sprintf("p.floatMember(%s, &o, &c.%s)", at, m.field)
	case rawKind:
		return fmt.Sprintf("p.rawMember(%s, &c.%s)", at, m.field)
	case integersKind:
		return fmt.Sprintf("p.bytesMember(%s, &o, &c.%s)", at, m.field)
	case enumKind:
		return call("enumMember", "")
	case objectKind:
		return call("objectMember", fmt.Sprintf(", (*parser).%s", m.of.name))
	case pointerKind:
		return call("pointerMember", fmt.Sprintf(", &p.lists.%s, (*parser).%s", m.of.name, m.of.name))
	case listKind:
		return call("listMember", fmt.Sprintf(", (*parser).%sList", m.of.name))
	case plainEnumKind:
		return call("bareEnumMember", fmt.Sprintf(", &c.%s", m.mark))
	case plainListKind:
		return call("bareListMember", fmt.Sprintf(", &p.lists.%s, (*parser).%sList", m.of.name, m.of.name))
	default:
		return call("bareObjectMember", fmt.Sprintf(", &c.%s, (*parser).%s", m.mark, m.of.name))
	}
}

// seen writes how it is told which members of an object have been read as usual.
func (w *writer) seen(o *object) {
	w.line("")
	w.line("// seen returns which members have been read into memory that was empty.")
	w.line("func (c *%s) seen() (s memberSet) {", o.goType)
	for _, m := range o.members {
		var read string
		switch m.kind {
		case rawKind:
			continue // it is not read as usual
		case plainEnumKind:
			read = "c." + m.field + ` != ""`
		case plainListKind:
			read = "c." + m.field + " != nil"
		case plainObjectKind:
			read = "!c." + m.mark
		default:
			read = "c." + m.field + ".state != absent"
		}
		w.line("if %s { s |= 1<<%s }", read, o.number(m))
	}
	w.line("return s")
	w.line("}")
}

// next writes the step to the next member. One space after the comma is what a server in
// Python sends; it is taken for the comma.
func (w *writer) next() {
	w.line("w, from = jsonwire.Word(b, i), i")
	w.line("if w&0xFFFF == ' '<<8|',' {")
	w.line("i++")
	w.line("w = jsonwire.FirstWord(b, i)")
	w.line("}")
}

// anyOrder writes the attempt to read a member that has not been read yet.
func (w *writer) anyOrder(o *object, m member) {
	label := m.label()
	w.line("if %s && o.seen&(1<<%s) == 0 { // %s", stands(label), o.number(m), label)
	w.line("o.seen |= 1<<%s", o.number(m))
	w.line("v := i+%d", len(label))
	w.line("if v < len(b) && b[v] == ' ' { v++ }")
	w.value(m, func() {
		w.line("o.member, o.start = %s, i+1", o.number(m))
		w.line("if i = %s; i < 0 { return i }", m.read("jsonwire.SkipSpace(b, v)"))
	}, true)
	w.next()
	w.line("}")
}

// list writes the parser's method for a list of objects.
func (w *writer) list(objects []*object, o *object) {
	elements := "p.lists." + o.name
	w.line("")
	w.line("// %sList reads the list at i. It returns 0 where the list is not built: at an element", o.name)
	w.line("// that is no object, at one too many, and where it takes too much memory.")
	w.line("func (p *parser) %sList(i int, dst *[]%s) int {", o.name, o.goType)
	w.line("b, list, pending := p.b, %s, len(p.pending)", elements)
	w.line("first, start, memory := len(list), i, p.memory")
	own, shared := within(objects, o)
	for _, name := range shared {
		w.line("%sBefore := len(p.lists.%s)", name, name)
	}
	w.line("p.depth++")
	w.line("if i = jsonwire.SkipSpace(b, i+1); i < len(b) && b[i] == ']' {")
	w.line("p.depth--")
	w.line("*dst = list[first:first:first]")
	w.line("return i+1")
	w.line("}")
	w.line("for i < len(b) && b[i] == '{' && len(list)-first < %s && p.objects < maxObjects {", o.listMax)
	w.line("p.objects++")
	w.line("p.memory += int(unsafe.Sizeof(%s{}))", o.goType)
	w.line("if k := len(list); k < cap(list) {")
	w.line("list = list[:k+1]")
	w.line("list[k] = %s{}", o.goType)
	w.line("} else {")
	w.line("list, first = grown(p, list, first)")
	w.line("}")
	w.line("if i = p.%s(i, &list[len(list)-1]); i < 0 { return i }", o.name)
	w.line("if i = jsonwire.SkipSpace(b, i); i == len(b) { return p.fail(i, jsonwire.FaultArrayComma) }")
	w.line("if isBlownUp(p.memory-memory, i-start) { break }")
	w.line("switch b[i] {")
	w.line("case ',':")
	w.line("i = jsonwire.SkipSpace(b, i+1)")
	w.line("continue")
	w.line("case ']':")
	w.line("p.depth--")
	w.line("%s, *dst = list, list[first:len(list):len(list)]", elements)
	w.line("return i+1")
	w.line("}")
	w.line("return p.fail(i, jsonwire.FaultArrayComma)")
	w.line("}")
	w.line("p.depth--")
	w.line("p.memory = memory")
	w.line("%s, p.pending = list[:first], p.pending[:pending]", elements)
	for _, name := range own {
		w.line("p.lists.%s = p.lists.%s[:0]", name, name)
	}
	for _, name := range shared {
		w.line("p.lists.%s = p.lists.%s[:%sBefore]", name, name, name)
	}
	w.line("if p.recorder != nil { p.recorder.failed = true }")
	w.line("return 0")
	w.line("}")
}
