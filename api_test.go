package chatstream_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var updateAPI = flag.Bool("update", false, "write api.txt anew")

// TestAPI: api.txt lists every exported name with its type. When the API changes, update that file
// and CHANGELOG.md:
//
//	go test -run 'TestAPI$' -update .
func TestAPI(t *testing.T) {
	got := apiOf(t, ".")
	if *updateAPI {
		require.NoError(t, os.WriteFile("api.txt", []byte(got), 0o644))
	}
	assert.Equal(t, readText(t, "api.txt"), got, "see the comment of this test")
}

// apiOf lists the API of the package in a folder: declarations without comments, functions
// without bodies, structs without tags and unexported fields.
func apiOf(t *testing.T, dir string) string {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_on.go") { // a twin of _off.go
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(fset, files, "github.com/seed-08fc7208/chatstream")
	require.NoError(t, err)

	var b strings.Builder
	write := func(decl ast.Node) {
		ast.Inspect(decl, withoutDetails)
		var text bytes.Buffer
		require.NoError(t, (&printer.Config{Mode: printer.UseSpaces, Tabwidth: 4}).Fprint(&text, fset, decl))
		for line := range strings.Lines(text.String()) {
			if strings.TrimSpace(line) != "" {
				b.WriteString(strings.TrimRight(line, "\n") + "\n")
			}
		}
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			write(v.Decl)
		}
	}
	funcs := func(list []*doc.Func) {
		for _, f := range list {
			write(f.Decl)
		}
	}
	values(pkg.Consts)
	values(pkg.Vars)
	funcs(pkg.Funcs)
	for _, typ := range pkg.Types {
		b.WriteByte('\n')
		write(typ.Decl)
		values(typ.Consts)
		values(typ.Vars)
		funcs(typ.Funcs)
		funcs(typ.Methods)
	}
	return b.String()
}

// withoutDetails removes what is no part of the API from a declaration: the tags of fields
// and the texts of errors.
func withoutDetails(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Field:
		n.Tag = nil
	case *ast.ValueSpec:
		if len(n.Values) != 1 {
			return true
		}
		if _, isCall := n.Values[0].(*ast.CallExpr); isCall && strings.HasPrefix(n.Names[0].Name, "Err") {
			n.Type, n.Values = ast.NewIdent("error"), nil
		}
	}
	return true
}
