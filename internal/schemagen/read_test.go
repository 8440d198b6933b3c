package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// schemaOf returns a source with one root, which has the fields, and with a part.
func schemaOf(fields string) string {
	return `package p

//schema:object whole
type Whole struct {
` + fields + `
	Extra Members ` + "`json:\"-\"`" + `

	repeated memberSet
}

type Part struct {
	ID Optional[Text] ` + "`json:\"id\"`" + `
}

type Word string

const (
	WordYes Word = "yes"
	WordNo Word = "no"
)

const other = 3
`
}

func tagged(field, schema string) string {
	return fmt.Sprintf("\t%s `json:\"a,omitzero\" schema:%q`", field, schema)
}

func TestReadErrors(t *testing.T) {
	many := ""
	for i := range maxMembers + 1 {
		many += fmt.Sprintf("\tA%d Optional[Text] `json:\"a%d\"`\n", i, i)
	}
	for name, test := range map[string]struct{ source, want string }{
		"no Go":                  {"package", "expected 'IDENT'"},
		"no root":                {strings.Replace(schemaOf(""), directive, "// schema:object", 1), "no struct has the comment " + directive},
		"unknown option":         {schemaOf(tagged("A Optional[Text]", "required,needed")), `p.go:5:2: Whole.A: unknown option "needed"`},
		"an empty option":        {schemaOf(tagged("A Optional[Text]", "required,")), `unknown option ""`},
		"plain without its mark": {schemaOf(tagged("A Word", "")), `Whole.A: want an unexported field "emptyA" or "noA"`},
		"plain object":           {schemaOf(tagged("A Part", "")), `want an unexported field "emptyA" or "noA"`},
		"plain and nullable":     {schemaOf(tagged("A Word", "nullable") + "\n\temptyA bool"), "only an Optional can be null"},
		"plain and usually null": {schemaOf(tagged("A Word", "usual=null") + "\n\temptyA bool"), `"null" can't be its usual value`},
		"usual is no constant":   {schemaOf(tagged("A Optional[Word]", "usual=maybe")), `"maybe" can't be its usual value`},
		"usual of a text":        {schemaOf(tagged("A Optional[Text]", "usual=yes")), `"yes" can't be its usual value`},
		"max of a text":          {schemaOf(tagged("A Optional[Text]", "max=3")), "the option max is only for lists of objects"},
		"else of a number":       {schemaOf(tagged("A Optional[int64]", "else=B")), "the option else is only for texts"},
		"too many members":       {schemaOf(many), "Whole has 33 members; a memberSet holds 32"},
		"unknown type":           {schemaOf(tagged("A Optional[bool]", "")), "bool is not a struct of the schema"},
		"unknown struct":         {schemaOf(tagged("A Other", "")), "Other is not a struct of the schema"},
		"a map":                  {schemaOf(tagged("A map[string]string", "")), "the schema does not support its type"},
		"an optional map":        {schemaOf(tagged("A Optional[map[string]string]", "")), "the schema does not support its type"},
		"a list of lists":        {schemaOf(tagged("A Optional[[][]int64]", "")), "want a struct"},
		"a sum that is none":     {strings.Replace(schemaOf(""), "type Part", "//schema:sum Other\ntype Part", 1), "Part: Other is not a struct"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readSchema([]string{"p.go"}, test.source)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestReadKinds(t *testing.T) {
	for field, want := range map[string]kind{
		"A Optional[Text]": textKind, "A Optional[int64]": integerKind, "A Optional[float64]": numberKind,
		"A Optional[Word]": enumKind, "A Optional[RawValue]": rawKind, "A Optional[[]int64]": integersKind,
		"A Optional[Part]": objectKind, "A Optional[*Part]": pointerKind, "A Optional[[]Part]": listKind,
		"A Word": plainEnumKind, "A []Part": plainListKind, "A Part": plainObjectKind,
	} {
		objects, err := readSchema([]string{"p.go"}, schemaOf(tagged(field, "required")+"\n\tnoA bool"))
		require.NoError(t, err, field)
		require.Len(t, objects[0].members, 1, field)
		m := objects[0].members[0]
		assert.Equal(t, want, m.kind, field)
		assert.Equal(t, "a", m.name)
		assert.Equal(t, "A", m.field)
		assert.True(t, m.required)
		assert.Equal(t, "whole", objects[0].name)
		assert.True(t, objects[0].root && objects[0].hasMark)
		if strings.Contains(field, "Part") {
			assert.Same(t, objects[1], m.of)
			assert.False(t, objects[1].root || objects[1].hasMark)
		}
		if strings.Contains(field, "Word") {
			assert.Equal(t, []constant{{"WordYes", "yes"}, {"WordNo", "no"}}, m.enum)
		}
	}
}

func TestReadOptions(t *testing.T) {
	objects, err := readSchema([]string{"p.go"}, schemaOf(
		tagged("A Optional[Word]", "nullable,extension,joined,last,usual=yes")+"\n"+
			tagged("B Optional[Text]", "short,text")+"\n"+
			tagged("C Optional[int64]", "usual=0")+"\n"+
			tagged("D Optional[[]Part]", "max=maxParts")+"\n\tE int `json:\"-\"`\n\tF int"))
	require.NoError(t, err)
	m := objects[0].members
	require.Len(t, m, 4)
	assert.True(t, m[0].nullable && m[0].extension && m[0].joined && m[0].last)
	assert.Equal(t, `"yes"`, m[0].usual)
	assert.True(t, m[1].short && m[1].text)
	assert.False(t, m[1].required || m[1].nullable || m[1].extension || m[1].joined || m[1].last)
	assert.Equal(t, "0", m[2].usual)
	assert.Equal(t, "maxParts", objects[1].listMax)
	assert.Equal(t, "maxElements", objects[0].listMax)
}

// TestTreeIsGenerated: go generate would change no file.
func TestTreeIsGenerated(t *testing.T) {
	root := filepath.Join("..", "..")
	var paths []string
	for _, name := range sources {
		paths = append(paths, filepath.Join(root, name))
	}
	files, err := generate(paths)
	require.NoError(t, err)
	written := map[string]bool{}
	for _, f := range files {
		old, err := os.ReadFile(filepath.Join(root, f.name))
		require.NoError(t, err)
		written[f.name] = true
		if string(old) != string(f.code) {
			t.Errorf("%s is not what the structs make: go generate .", f.name)
		}
	}
	all, err := filepath.Glob(filepath.Join(root, "*_gen.go"))
	require.NoError(t, err)
	for _, path := range all {
		assert.True(t, written[filepath.Base(path)], "%s is not generated any more", path)
	}
}
