package main

import (
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMutants(t *testing.T) {
	source := []byte(`package p

import "os"

func f(a, b int) bool {
	if a < b && !g() {
		a++
	}
	b = 'x'
	c := true
	return c
}
`)
	mutants, err := mutantsOf("p.go", source)
	require.NoError(t, err)
	var got []string
	for _, m := range mutants {
		got = append(got, m.before+" -> "+m.after)
		_, err := parser.ParseFile(token.NewFileSet(), "p.go", m.apply(source), 0)
		assert.NoError(t, err, "%v", m)
		assert.NotEqual(t, source, m.apply(source))
	}
	assert.ElementsMatch(t, []string{
		"if a < b && !g() {\n\t\ta++\n\t} -> ", "a < b && !g() -> !(a < b && !g())", "&& -> ||", "< -> <=", "< -> >=", "! -> ",
		"a++ -> ", "++ -> --", "b = 'x' -> ", "'x' -> ('x'+1)", "true -> false",
	}, got)
}
