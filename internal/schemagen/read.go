package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// directive marks the structs that are decoded on their own, with their name and uses.
const directive = "//schema:object "

// sumDirective marks the structs of which an Accumulator makes another: its name follows.
const sumDirective = "//schema:sum "

// maxMembers is how many members a memberSet can hold.
const maxMembers = 32

// reader reads the schema from Go source.
type reader struct {
	fset    *token.FileSet
	structs map[string]*ast.TypeSpec
	roots   map[string]root   // by type
	sums    map[string]string // names of types by type
	strings map[string][]constant
	objects []*object // those that have been read, in the order of their first use
}

// readSchema returns the objects that the root structs in the files consist of. Source is
// for tests: what stands in the only file.
func readSchema(files []string, source any) ([]*object, error) {
	r := &reader{
		fset:    token.NewFileSet(),
		structs: map[string]*ast.TypeSpec{},
		roots:   map[string]root{},
		sums:    map[string]string{},
		strings: map[string][]constant{},
	}
	var order []string
	for _, name := range files {
		file, err := parser.ParseFile(r.fset, name, source, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			if gen, ok := decl.(*ast.GenDecl); ok {
				order = append(order, r.declaration(gen)...)
			}
		}
	}
	for _, goType := range order {
		o, err := r.object(goType)
		if err != nil {
			return nil, err
		}
		o.root, o.name, o.uses = true, r.roots[goType].name, r.roots[goType].uses
	}
	for goType, sum := range r.sums {
		if sum != "" && r.structs[sum] == nil {
			return nil, fmt.Errorf("%s: %s is not a struct of the schema", goType, sum)
		}
	}
	if len(r.objects) == 0 {
		return nil, fmt.Errorf("%s: no struct has the comment %s", strings.Join(files, ", "), directive)
	}
	return r.objects, nil
}

// root is what a directive says of a struct.
type root struct {
	name string
	uses []string
}

// declaration notes the types and constants of a declaration. It returns the roots.
func (r *reader) declaration(gen *ast.GenDecl) (roots []string) {
	for _, spec := range gen.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			switch t := spec.Type.(type) {
			case *ast.StructType:
				r.structs[spec.Name.Name] = spec
				r.sums[spec.Name.Name] = strings.Join(directiveWords(gen.Doc, sumDirective), " ")
				if words := directiveWords(gen.Doc, directive); len(words) > 0 {
					r.roots[spec.Name.Name] = root{words[0], words[1:]}
					roots = append(roots, spec.Name.Name)
				}
			case *ast.Ident:
				if t.Name == "string" && r.strings[spec.Name.Name] == nil {
					r.strings[spec.Name.Name] = []constant{}
				}
			}
		case *ast.ValueSpec:
			r.constant(spec)
		}
	}
	return roots
}

// directiveWords returns the words that follow a directive, of a root its name and uses.
func directiveWords(doc *ast.CommentGroup, directive string) []string {
	if doc == nil {
		return nil
	}
	for _, c := range doc.List {
		if words, ok := strings.CutPrefix(c.Text, directive); ok {
			return strings.Fields(words)
		}
	}
	return nil
}

// constant notes a constant of a string type.
func (r *reader) constant(spec *ast.ValueSpec) {
	t, ok := spec.Type.(*ast.Ident)
	if !ok || len(spec.Values) != 1 {
		return
	}
	if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
		value, _ := strconv.Unquote(literal.Value)
		r.strings[t.Name] = append(r.strings[t.Name], constant{spec.Names[0].Name, value})
	}
}

// object returns the object of a struct, which it reads at its first use.
func (r *reader) object(goType string) (*object, error) {
	for _, o := range r.objects {
		if o.goType == goType {
			return o, nil
		}
	}
	spec := r.structs[goType]
	if spec == nil {
		return nil, fmt.Errorf("%s is not a struct of the schema", goType)
	}
	o := &object{name: lowerFirst(goType), goType: goType, listMax: "maxElements", sum: r.sums[goType]}
	r.objects = append(r.objects, o)
	fields := spec.Type.(*ast.StructType).Fields.List
	for _, f := range fields {
		o.hasMark = o.hasMark || f.Names[0].Name == "repeated"
	}
	for _, f := range fields {
		m, ok, err := r.member(f, fields)
		if err != nil {
			return nil, fmt.Errorf("%v: %s.%s: %w", r.fset.Position(f.Pos()), goType, f.Names[0].Name, err)
		}
		if ok {
			o.members = append(o.members, m)
		}
	}
	if len(o.members) > maxMembers {
		return nil, fmt.Errorf("%s has %d members; a memberSet holds %d", goType, len(o.members), maxMembers)
	}
	return o, nil
}

func lowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// member reads a field. ok tells whether it is a member.
func (r *reader) member(f *ast.Field, fields []*ast.Field) (m member, ok bool, err error) {
	if f.Tag == nil {
		return m, false, nil
	}
	text, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return m, false, err
	}
	tag := reflect.StructTag(text)
	m.name, _, _ = strings.Cut(tag.Get("json"), ",")
	m.field = f.Names[0].Name
	if m.name == "" || m.name == "-" {
		return m, false, nil
	}
	if err := r.setKind(&m, f.Type); err != nil {
		return m, false, err
	}
	if m.isPlain() {
		m.mark = plainMark(m, fields)
		if m.mark == "" && m.kind != plainListKind {
			return m, false, fmt.Errorf("want an unexported field %q or %q, which tells absent from empty", "empty"+m.field, "no"+m.field)
		}
	}
	return m, true, r.setOptions(&m, tag.Get("schema"))
}

// plainMark returns the name of the field that tells whether a plain member is absent.
func plainMark(m member, fields []*ast.Field) string {
	for _, f := range fields {
		if name := f.Names[0].Name; name == "no"+m.field || name == "empty"+m.field {
			return name
		}
	}
	return ""
}

// setKind finds the member's kind by the type of its field.
func (r *reader) setKind(m *member, t ast.Expr) (err error) {
	if index, ok := t.(*ast.IndexExpr); ok && isIdent(index.X, "Optional") {
		return r.setOptionalKind(m, index.Index)
	}
	switch t := t.(type) {
	case *ast.ArrayType:
		m.kind = plainListKind
		m.of, err = r.structOf(t.Elt)
		return err
	case *ast.Ident:
		if values, ok := r.strings[t.Name]; ok {
			m.kind, m.enum, m.goType = plainEnumKind, values, t.Name
			return nil
		}
		m.kind = plainObjectKind
		m.of, err = r.object(t.Name)
		return err
	}
	return fmt.Errorf("the schema does not support its type")
}

func (r *reader) setOptionalKind(m *member, t ast.Expr) (err error) {
	switch t := t.(type) {
	case *ast.StarExpr:
		m.kind = pointerKind
		m.of, err = r.structOf(t.X)
		return err
	case *ast.ArrayType:
		if isIdent(t.Elt, "int64") {
			m.kind = integersKind
			return nil
		}
		m.kind = listKind
		m.of, err = r.structOf(t.Elt)
		return err
	case *ast.Ident:
		simple := map[string]kind{"Text": textKind, "int64": integerKind, "float64": numberKind, "RawValue": rawKind}
		if k, ok := simple[t.Name]; ok {
			m.kind = k
			return nil
		}
		if values, ok := r.strings[t.Name]; ok {
			m.kind, m.enum, m.goType = enumKind, values, t.Name
			return nil
		}
		m.kind = objectKind
		m.of, err = r.object(t.Name)
		return err
	}
	return fmt.Errorf("the schema does not support its type")
}

func (r *reader) structOf(t ast.Expr) (*object, error) {
	if ident, ok := t.(*ast.Ident); ok {
		return r.object(ident.Name)
	}
	return nil, fmt.Errorf("want a struct")
}

func isIdent(e ast.Expr, name string) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == name
}

// setOptions reads the schema tag.
func (r *reader) setOptions(m *member, tag string) error {
	if tag == "" {
		return nil
	}
	for option := range strings.SplitSeq(tag, ",") {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "required":
			m.required = true
		case "nullable":
			m.nullable = true
		case "extension":
			m.extension = true
		case "joined":
			m.joined = true
		case "last":
			m.last = true
		case "fixed":
			m.fixed = true
		case "short":
			m.short = true
		case "else":
			if m.kind != textKind {
				return fmt.Errorf("the option else is only for texts")
			}
			m.instead = value
		case "text":
			m.text = true
		case "max":
			if m.of == nil {
				return fmt.Errorf("the option max is only for lists of objects")
			}
			m.of.listMax = value
		case "usual":
			if err := m.setUsual(value); err != nil {
				return err
			}
		default:
			return fmt.Errorf("unknown option %q in its schema tag", option)
		}
	}
	if m.isPlain() && m.nullable {
		return fmt.Errorf("only an Optional can be null")
	}
	return nil
}

// setUsual notes the usual value.
func (m *member) setUsual(value string) error {
	switch {
	case value == "null" && !m.isPlain():
		m.usual = value
	case m.kind == integerKind:
		m.usual = value
	case slices.ContainsFunc(m.enum, func(c constant) bool { return c.value == value }):
		m.usual = strconv.Quote(value)
	default:
		return fmt.Errorf("%q can't be its usual value", value)
	}
	return nil
}
