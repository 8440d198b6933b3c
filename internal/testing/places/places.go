// Package places finds every place of a struct of the schema where a member can stand, by
// reflection, and writes payloads that have a given value there. It knows no member by
// name, so that a new one is found without a change here.
package places

import (
	"reflect"
	"slices"
	"strings"
)

// Place is where a member can stand: a field with a json tag, in an object that is reached
// by the fields before it. Of lists it is the first element.
type Place struct {
	root   reflect.Type
	Names  []string // of the members that lead there, the place's own last
	Object string   // the type of the struct that has the field
	Field  string
	Type   reflect.Type // of the value, without its Optional and pointer
	Plain  bool         // the field is not an Optional
}

// Of returns the places of a struct and of the structs within it.
func Of(root reflect.Type) []Place { return placesIn(nil, root, root, nil) }

func placesIn(list []Place, root, t reflect.Type, path []string) []Place {
	for f := range members(t) {
		names := append(slices.Clone(path), f.name)
		list = append(list, Place{root, names, t.Name(), f.goName, f.value, f.plain})
		if o := objectIn(f.value); o != nil {
			list = placesIn(list, root, o, names)
		}
	}
	return list
}

// String returns the path of the place.
func (p Place) String() string { return strings.Join(p.Names, ".") }

// Alone returns a payload that has nothing but the value, and the objects around it. An
// empty value stands for none.
func (p Place) Alone(value string) string { return object(p.root, p.Names, value, false) }

// Amid returns a payload that has all other members too, and one without a field in each
// object.
func (p Place) Amid(value string) string { return object(p.root, p.Names, value, true) }

// Values returns values that the place can have, and some of another type. All differ.
func (p Place) Values() (fit, misfit []string) {
	switch {
	case p.Type == reflect.TypeFor[[]int64]():
		return []string{`[]`, `[1]`, `[2,3,4]`}, []string{`[1,null]`, `[2,null]`, `{}`, `"a"`}
	case isBytes(p.Type) && p.Type.Name() == "RawValue":
		return []string{`"a"`, `[1]`}, nil
	case isBytes(p.Type) || p.Type.Kind() == reflect.String:
		return []string{`""`, `"a"`, `"\u00e9 b"`, `"a longer text \n than others"`}, []string{`7`, `["a"]`}
	case p.Type.Kind() == reflect.Int64:
		return []string{`0`, `7`, `1234567890123`}, []string{`7.5`, `"7"`}
	case p.Type.Kind() == reflect.Float64:
		return []string{`0`, `-7.5`, `1e3`}, []string{`"7"`, `[]`}
	case p.Type.Kind() == reflect.Struct:
		one := object(p.Type, nil, "", true)
		return []string{`{}`, one, varied(one), `{"y":1}`}, []string{`7`, `[` + one + `]`, `[` + varied(one) + `]`}
	}
	one := object(p.Type.Elem(), nil, "", true)
	return []string{`[]`, `[{}]`, `[` + one + `]`, `[` + varied(one) + `]`, `[{"y":1},` + one + `,{}]`},
		[]string{`{}`, `[{},1]`, `[` + one + `,1]`, `[` + varied(one) + `,1]`, `[` + texts(p.Type.Elem()) + `,1]`, `[` + varied(texts(p.Type.Elem())) + `,1]`}
}

// texts returns an object that has its texts and nothing else.
func texts(t reflect.Type) string {
	var list []string
	for f := range members(t) {
		if sample(f.value) == `"sample"` {
			list = append(list, `"`+f.name+`":"sample"`)
		}
	}
	return "{" + strings.Join(list, ",") + "}"
}

// varied returns an object with other texts in it.
func varied(object string) string { return strings.ReplaceAll(object, `"sample"`, `"simple one"`) }

// field is a field with a json tag.
type field struct {
	name, goName string
	value        reflect.Type
	plain        bool
}

func members(t reflect.Type) func(yield func(field) bool) {
	return func(yield func(field) bool) {
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if !f.IsExported() || name == "" || name == "-" {
				continue
			}
			m := field{name, f.Name, f.Type, true}
			if strings.HasPrefix(f.Type.Name(), "Optional[") {
				m.value, m.plain = f.Type.Field(0).Type, false
			}
			if m.value.Kind() == reflect.Pointer {
				m.value = m.value.Elem()
			}
			if !yield(m) {
				return
			}
		}
	}
}

func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// objectIn returns the struct that a value is or is a list of, or nil.
func objectIn(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		return t
	}
	return nil
}

// object writes an object with the value at the end of the path.
func object(t reflect.Type, path []string, value string, amid bool) string {
	var list []string
	for f := range members(t) {
		text := ""
		switch {
		case len(path) > 0 && path[0] == f.name && len(path) == 1:
			text = value
		case len(path) > 0 && path[0] == f.name:
			text = bracketed(f.value, object(objectIn(f.value), path[1:], value, amid))
		case amid:
			text = sample(f.value)
		}
		if text != "" {
			list = append(list, `"`+f.name+`":`+text)
		}
	}
	if amid {
		list = append(list, `"x":{"y":[1]}`)
	}
	return "{" + strings.Join(list, ",") + "}"
}

// sample returns a value of the type. It is nothing for a raw value: one that is an error
// would end the decoding.
func sample(t reflect.Type) string {
	if o := objectIn(t); o != nil {
		return bracketed(t, object(o, nil, "", true))
	}
	switch {
	case t == reflect.TypeFor[[]int64]():
		return `[5,6]`
	case isBytes(t) && t.Name() == "RawValue":
		return ""
	case isBytes(t) || t.Kind() == reflect.String:
		return `"sample"`
	}
	return `5`
}

func bracketed(t reflect.Type, object string) string {
	if t.Kind() == reflect.Slice {
		return "[" + object + "]"
	}
	return object
}
