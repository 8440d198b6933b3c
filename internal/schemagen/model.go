package main

// object is a struct of the schema.
type object struct {
	name    string // of the functions that are generated for it
	goType  string
	members []member
	root    bool     // it is decoded on its own, not as a part of another
	uses    []string // of a root: what is generated for it and its parts
	sum     string   // the struct that an Accumulator makes of it
	listMax string
	hasMark bool // it has a field that says which members are repeated
}

// member is a member of an object: a field with a json tag.
type member struct {
	name   string // in JSON
	field  string // in Go
	kind   kind
	of     *object    // of an object, and of the elements of a list
	enum   []constant // the values of an enumeration
	goType string     // of an enumeration
	mark   string     // the field that tells absent from empty, of a plain member

	// What the schema tag says.
	required  bool
	nullable  bool
	extension bool
	joined    bool
	last      bool
	short     bool
	text      bool
	fixed     bool
	usual     string // as it stands in JSON
	instead   string // the field of a text for a value that is a list or an object
}

// constant is a constant of an enumeration.
type constant struct{ name, value string }

// kind is what a member's value is, and how its field holds it.
type kind int

const (
	textKind     kind = iota // Optional[Text]
	integerKind              // Optional[int64]
	numberKind               // Optional[float64]
	enumKind                 // Optional of a string type
	rawKind                  // Optional[RawValue]
	integersKind             // Optional[[]int64]
	objectKind               // Optional of a struct
	pointerKind              // Optional of a pointer to a struct
	listKind                 // Optional of a slice of structs
	// Plain members are no Optional, and null has no place in them.
	plainEnumKind
	plainListKind
	plainObjectKind
)

// wants describes the expected value, for messages.
func (m member) wants() string {
	switch m.kind {
	case textKind, enumKind, plainEnumKind:
		return "a string"
	case integerKind:
		return "an integer"
	case numberKind:
		return "a number"
	case integersKind:
		return "a list of integers"
	case objectKind, pointerKind, plainObjectKind:
		return "an object"
	case listKind, plainListKind:
		return "a list of objects"
	}
	return "any value"
}

func (m member) isList() bool { return m.kind == listKind || m.kind == plainListKind }

func (m member) isPlain() bool { return m.kind >= plainEnumKind }

// label returns what stands before the member's value, after another member.
func (m member) label() string { return `,"` + m.name + `":` }

// number returns the name of the constant that is the member's number.
func (o *object) number(m member) string { return o.name + m.field }

// hasText reports whether a person may read something in the object or its parts.
func (o *object) hasText() bool {
	for _, m := range o.members {
		if m.text || m.of != nil && m.of.hasText() {
			return true
		}
	}
	return false
}

// value returns the usual value of the member in Go, or nothing if it is null.
func (m member) value() string {
	switch m.kind {
	case integerKind:
		return "Optional[int64]{" + m.usual + ", set}"
	case enumKind, plainEnumKind:
		for _, c := range m.enum {
			if m.usual != `"`+c.value+`"` {
				continue
			}
			if m.kind == plainEnumKind {
				return c.name
			}
			return "Optional[" + m.goType + "]{" + c.name + ", set}"
		}
	}
	return ""
}
