package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// madeUp is a package with functions of all forms.
var madeUp = map[string]string{
	"go.mod": "module p\n\ngo 1.25\n",
	"p.go": `package p

const limit = 3

var primes = [...]int64{0: 2, 3}

type adder[T ~int] struct{ sum T }

func (a *adder[T]) add(n T, more ...T) {
	a.sum += n
	for _, m := range more {
		a.sum += m
	}
}

func larger[T ~int, U ~string](a, b T, _ U) (n T, err error) {
	if n = a; b > a {
		n = b
	}
	return n, nil
}

func odd(n int) bool { return n&1 == 1 }

func untested(n int) int { return n + 1 }
`,
	"p_test.go": `package p

import "testing"

func TestP(t *testing.T) {
	var a adder[int]
	a.add(1, 2, 4)
	n, _ := larger(1, 2, "")
	m, _ := larger(2, 1, "")
	if a.sum != 7 || n != 2 || m != 2 || !odd(3) || limit != 3 || primes != [2]int64{2, 3} {
		t.Fail()
	}
}
`,
}

// TestTry tries the mutants of the package: those of its functions and of the variable
// are compiled together, that of the constant alone.
func TestTry(t *testing.T) {
	if testing.Short() {
		t.Skip("builds packages")
	}
	t.Chdir(t.TempDir())
	t.Setenv("GOWORK", "off")
	for name, text := range madeUp {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
	}
	*stages = "."
	source := []byte(madeUp["p.go"])
	mutants, err := mutantsOf("p.go", source)
	require.NoError(t, err)
	b, err := newBinaries(t.TempDir(), "p.go", source, mutants)
	require.NoError(t, err)
	got := map[result][]string{}
	for i, m := range mutants {
		result, err := b.try(i + 1)
		require.NoError(t, err)
		got[result] = append(got[result], fmt.Sprintf("%d: %s -> %s", m.position.Line, m.before, m.after))
	}
	require.ElementsMatch(t, []string{
		"17: > -> >=", // the same for equal numbers
		"25: + -> -", "25: 1 -> (1+1)",
	}, got[survived])
	require.ElementsMatch(t, []string{
		"5: 0 -> (0+1)",      // without a place for 3
		"12: a.sum += m -> ", // m is not used
	}, got[broken])
	require.ElementsMatch(t, []string{
		"3: 3 -> (3+1)", "5: 2 -> (2+1)", "5: 3 -> (3+1)",
		"10: a.sum += n -> ", "10: += -> -=", "11: for _, m := range more {\n\t\ta.sum += m\n\t} -> ", "12: += -> -=",
		"17: if n = a; b > a {\n\t\tn = b\n\t} -> ", "17: b > a -> !(b > a)", "17: > -> <=", "18: n = b -> ",
		"23: == -> !=", "23: & -> |", "23: 1 -> (1+1)", "23: 1 -> (1+1)",
	}, got[killed])
}
