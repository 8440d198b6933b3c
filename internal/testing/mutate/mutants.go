package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
)

// mutant is a change of one place of a file.
type mutant struct {
	position   token.Position
	start, end int // what is replaced, as offsets in the file
	before     string
	after      string
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d:%d: %.60q -> %.60q", m.position.Filename, m.position.Line, m.position.Column, m.before, m.after)
}

func (m mutant) apply(source []byte) []byte {
	return slices.Concat(source[:m.start], []byte(m.after), source[m.end:])
}

// operators are what an operator is changed to: the negation of a condition, a boundary
// that is one off, the opposite.
var operators = map[token.Token][]string{
	token.EQL: {"!="}, token.NEQ: {"=="},
	token.LSS: {"<=", ">="}, token.LEQ: {"<", ">"},
	token.GTR: {">=", "<="}, token.GEQ: {">", "<"},
	token.LAND: {"||"}, token.LOR: {"&&"},
	token.ADD: {"-"}, token.SUB: {"+"}, token.MUL: {"+"}, token.QUO: {"*"}, token.REM: {"+"},
	token.SHL: {">>"}, token.SHR: {"<<"}, token.AND: {"|"}, token.OR: {"&"}, token.XOR: {"&"}, token.AND_NOT: {"&"},
	token.ADD_ASSIGN: {"-="}, token.SUB_ASSIGN: {"+="}, token.OR_ASSIGN: {"&="}, token.AND_ASSIGN: {"|="},
	token.INC: {"--"}, token.DEC: {"++"},
}

// finder collects the mutants of a file.
type finder struct {
	fset    *token.FileSet
	source  []byte
	mutants []mutant
}

// mutantsOf returns the mutants of a file.
func mutantsOf(filename string, source []byte) ([]mutant, error) {
	f := &finder{fset: token.NewFileSet(), source: source}
	file, err := parser.ParseFile(f.fset, filename, source, 0)
	if err != nil {
		return nil, err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if gen, ok := n.(*ast.GenDecl); ok && gen.Tok == token.IMPORT {
			return false
		}
		f.visit(n)
		return true
	})
	return f.mutants, nil
}

func (f *finder) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		f.operator(n.OpPos, n.Op)
	case *ast.IncDecStmt:
		f.operator(n.TokPos, n.Tok)
	case *ast.AssignStmt:
		f.operator(n.TokPos, n.Tok)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			f.replace(n.OpPos, n.OpPos+1, "")
		}
	case *ast.IfStmt:
		f.replace(n.Cond.Pos(), n.Cond.End(), "!("+f.text(n.Cond)+")")
	case *ast.BasicLit:
		f.literal(n)
	case *ast.Ident:
		if n.Name == "true" || n.Name == "false" {
			f.replace(n.Pos(), n.End(), strconv.FormatBool(n.Name == "false"))
		}
	case *ast.BlockStmt:
		f.statements(n.List)
	case *ast.CaseClause:
		f.statements(n.Body)
	}
}

// literal changes a number or a byte by one.
func (f *finder) literal(n *ast.BasicLit) {
	if n.Kind == token.INT || n.Kind == token.CHAR {
		f.replace(n.Pos(), n.End(), "("+n.Value+"+1)")
	}
}

// statements drops statements one by one, but for those that declare a variable.
func (f *finder) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.ExprStmt, *ast.IncDecStmt, *ast.BranchStmt, *ast.DeferStmt, *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
		default:
			continue
		}
		f.replace(s.Pos(), s.End(), "")
	}
}

func (f *finder) operator(at token.Pos, op token.Token) {
	for _, other := range operators[op] {
		f.replace(at, at+token.Pos(len(op.String())), other)
	}
}

func (f *finder) text(n ast.Node) string {
	return string(f.source[f.fset.Position(n.Pos()).Offset:f.fset.Position(n.End()).Offset])
}

func (f *finder) replace(from, to token.Pos, after string) {
	position := f.fset.Position(from)
	end := f.fset.Position(to).Offset
	f.mutants = append(f.mutants, mutant{position, position.Offset, end, string(f.source[position.Offset:end]), after})
}
