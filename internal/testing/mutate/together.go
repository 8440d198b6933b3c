package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// activeVariable is the environment variable that says which mutant a test binary is.
const activeVariable = "CHATSTREAM_MUTANT"

// activeSource is the file that the package gets beside the one with the mutants.
const activeSource = `package %s

import (
	"os"
	"strconv"
)

var activeMutant, _ = strconv.Atoi(os.Getenv("` + activeVariable + `"))

func addMutant[T ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](n T, id int) T {
	if activeMutant == id {
		n++
	}
	return n
}
`

// together is a file that holds mutants beside the original, so that all of them are
// compiled at once. A function with mutants becomes one that calls the copy that is
// active. A number in the value of a variable is counted up as the program starts.
//
// A mutant of a constant cannot be held.
type together struct {
	pkg  string
	text strings.Builder
	// The lines of the mutants' copies, by number. Others share their line with the
	// original.
	copies map[int]lines
	held   map[int]bool
}

// lines are those from first to before end.
type lines struct{ first, end int }

// at returns the mutant whose copy a line is in.
func (g *together) at(line int) (id int, ok bool) {
	for id, l := range g.copies {
		if l.first <= line && line < l.end {
			return id, true
		}
	}
	return 0, false
}

// putTogether writes a file with those mutants that it can hold.
func putTogether(filename string, source []byte, mutants map[int]mutant) (*together, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, filename, source, 0)
	if err != nil {
		return nil, err
	}
	w := &writer{
		fset: fset, source: source, mutants: mutants,
		together: &together{pkg: file.Name.Name, copies: map[int]lines{}, held: map[int]bool{}},
	}
	info := types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Error: func(error) {}} // what other files declare stays unknown
	_, _ = config.Check(w.pkg, fset, []*ast.File{file}, &info)
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			w.function(d)
		case *ast.GenDecl:
			if d.Tok == token.VAR {
				w.variable(d, info.Types)
			}
		}
	}
	w.copyUntil(len(source))
	return w.together, nil
}

// writer writes a file with mutants.
type writer struct {
	*together
	fset    *token.FileSet
	source  []byte
	mutants map[int]mutant
	read    int // how much of the source has been written
	line    int // how many lines that made
}

func (w *writer) print(parts ...string) {
	for _, s := range parts {
		w.text.WriteString(s)
		w.line += strings.Count(s, "\n")
	}
}

func (w *writer) offset(p token.Pos) int { return w.fset.Position(p).Offset }

func (w *writer) between(from, to token.Pos) string {
	return string(w.source[w.offset(from):w.offset(to)])
}

// copyUntil copies the source up to an offset.
func (w *writer) copyUntil(offset int) {
	w.print(string(w.source[w.read:offset]))
	w.read = offset
}

// within returns the mutants of what stands between two places, in their order.
func (w *writer) within(from, to token.Pos) (ids []int) {
	for id, m := range w.mutants {
		if w.offset(from) <= m.start && m.end <= w.offset(to) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// function writes a function's original and mutants, and the function that calls one.
func (w *writer) function(fn *ast.FuncDecl) {
	if fn.Body == nil || fn.Recv == nil && fn.Name.Name == "init" {
		return
	}
	ids := w.within(fn.Body.Pos(), fn.Body.End())
	if len(ids) == 0 {
		return
	}
	w.copyUntil(w.offset(fn.Pos()))
	w.print(w.between(fn.Pos(), fn.Name.Pos()), copyName(fn, 0), w.between(fn.Name.End(), fn.End()), "\n")
	for _, id := range ids {
		first := w.line + 1
		w.print(w.between(fn.Pos(), fn.Name.Pos()), copyName(fn, id), w.between(fn.Name.End(), fn.Body.Pos()))
		m, body := w.mutants[id], w.offset(fn.Body.Pos())
		w.print(string(w.source[body:m.start]), m.after, string(w.source[m.end:w.offset(fn.End())]), "\n")
		w.copies[id], w.held[id] = lines{first, w.line + 1}, true
	}
	w.dispatcher(fn, ids)
	w.read = w.offset(fn.End())
}

func copyName(fn *ast.FuncDecl, id int) string { return fmt.Sprintf("%sMutant%d", fn.Name.Name, id) }

// dispatcher writes the function that calls the mutant that is active.
func (w *writer) dispatcher(fn *ast.FuncDecl, ids []int) {
	call := "%s"
	if fn.Recv != nil {
		call = "receiver.%s"
		w.print("func (receiver ", w.between(fn.Recv.List[0].Type.Pos(), fn.Recv.List[0].Type.End()), ") ")
	} else {
		w.print("func ")
	}
	w.print(fn.Name.Name)
	if fn.Type.TypeParams != nil {
		var names []string
		for _, f := range fn.Type.TypeParams.List {
			for _, n := range f.Names {
				names = append(names, n.Name)
			}
		}
		call += "[" + strings.Join(names, ", ") + "]"
		w.print(w.between(fn.Type.TypeParams.Pos(), fn.Type.TypeParams.End()))
	}
	var arguments []string
	w.print("(")
	for _, f := range fn.Type.Params.List {
		for range max(1, len(f.Names)) {
			name := fmt.Sprintf("argument%d", len(arguments))
			w.print(name, " ", w.between(f.Type.Pos(), f.Type.End()), ", ")
			if _, ok := f.Type.(*ast.Ellipsis); ok {
				name += "..."
			}
			arguments = append(arguments, name)
		}
	}
	w.print(") ")
	call += "(" + strings.Join(arguments, ", ") + ")\n"
	after := "return\n"
	if fn.Type.Results != nil {
		w.print(w.between(fn.Type.Results.Pos(), fn.Type.Results.End()))
		call, after = "return "+call, ""
	}
	w.print(" {\nswitch activeMutant {\n")
	for _, id := range ids {
		w.print(fmt.Sprintf("case %d:\n", id), fmt.Sprintf(call, copyName(fn, id)), after)
	}
	w.print("}\n", fmt.Sprintf(call, copyName(fn, 0)), "}")
}

// variable writes the numbers of a variable's value so that they can be counted up.
func (w *writer) variable(d *ast.GenDecl, known map[ast.Expr]types.TypeAndValue) {
	keys := map[ast.Node]bool{} // of arrays, which are constant
	ast.Inspect(d, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			keys[kv.Key] = true
		}
		if _, ok := n.(*ast.ArrayType); ok || keys[n] {
			return false
		}
		lit, ok := n.(*ast.BasicLit)
		if !ok {
			return true
		}
		basic, ok := known[lit].Type.(*types.Basic)
		ids := w.within(lit.Pos(), lit.End())
		if !ok || len(ids) != 1 || basic.Info()&types.IsInteger == 0 || basic.Info()&types.IsUntyped != 0 {
			return true
		}
		w.copyUntil(w.offset(lit.Pos()))
		w.print(fmt.Sprintf("addMutant[%s](%s, %d)", basic.Name(), lit.Value, ids[0]))
		w.read, w.held[ids[0]] = w.offset(lit.End()), true
		return true
	})
}
