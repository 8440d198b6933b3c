package chatstream_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// layers are the rooms of the package, from the top. A room is a file and all whose names
// begin with its own: parse has parse.go, parse_values.go and parse_gen.go. No function
// calls one of a room above its own. A new room gets a line here.
var layers = strings.Fields(`
	doc
	response
	tap
	decoder
	completion
	accumulator
	template
	framer
	scanner
	edit
	texts
	validate
	ambiguous
	json
	intern
	clone
	equal
	append
	errors
	parse
	source
	poison
	chunk
	names
	members
	optional
	pool
`)

// upward are the calls that go up all the same: the rooms and the function. There may be
// three.
var upward = []string{}

// roomOf returns the room of a file.
func roomOf(filename string) string {
	room, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(filename), ".go"), "_")
	return room
}

// callsBetweenRooms returns the calls of functions of other rooms: the rooms and the function.
func callsBetweenRooms(t *testing.T) (calls []string) {
	t.Helper()
	fset := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || name == "poison_on.go" || name == "template_seat_purego.go" { // one of two
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		require.NoError(t, err)
		files = append(files, f)
		require.Contains(t, layers, roomOf(name), "%s is in no layer", name)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := config.Check("chatstream", fset, files, info)
	require.NoError(t, err)
	for ident, object := range info.Uses {
		f, isFunc := object.(*types.Func)
		if !isFunc || f.Pkg() != pkg {
			continue
		}
		from, to := roomOf(fset.Position(ident.Pos()).Filename), roomOf(fset.Position(f.Origin().Pos()).Filename)
		if from != to {
			calls = append(calls, from+" "+to+" "+f.Name())
		}
	}
	slices.Sort(calls)
	return slices.Compact(calls)
}

func TestLayers(t *testing.T) {
	calls := callsBetweenRooms(t)
	require.NotEmpty(t, calls)
	require.LessOrEqual(t, len(upward), 3)
	var up []string
	for _, call := range calls {
		rooms := strings.Fields(call)
		if slices.Index(layers, rooms[0]) > slices.Index(layers, rooms[1]) {
			up = append(up, call)
		}
	}
	assert.ElementsMatch(t, upward, up)
}
