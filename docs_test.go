package chatstream_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/situations"
)

// These tests check the documents against the code: names, code, links, and promises that no other
// test checks.

// documents returns the names of the documents that are checked.
func documents(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	guides, err := filepath.Glob("docs/guides/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, guides)
	return append(append(names, guides...), "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "bench/README.md", "testdata/README.md")
}

func readText(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(data)
}

// sources parses the Go files of a folder: its tests, or its other files.
func sources(t *testing.T, dir string, tests bool) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") != tests {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		files[name] = file
	}
	require.NotEmpty(t, files, dir)
	return files
}

// functions returns the names of the functions in a folder's tests.
func functions(t *testing.T, dir string) (names []string) {
	t.Helper()
	for _, file := range sources(t, dir, true) {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

func packageComment(t *testing.T) string {
	t.Helper()
	return strings.Join(strings.Fields(sources(t, ".", false)["doc.go"].Doc.Text()), " ")
}

var testName = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w*`)

func TestDocumentedTestsExist(t *testing.T) {
	names := slices.Concat(functions(t, "."), functions(t, "fuzz"), functions(t, "bench"), functions(t, "bench/fuzz"), functions(t, "bench/migrating"),
		functions(t, "examples/extproc"), functions(t, "internal/jsonwire"))
	for _, document := range append(documents(t), "doc.go") {
		for _, name := range testName.FindAllString(readText(t, document), -1) {
			assert.Contains(t, names, name, document)
		}
	}
}

// TestDeviationsAreDocumented: docs/conformance.md has a row for each deviation in doc.go,
// in the same order, with its tests. It names all rules of TestFraming.
func TestDeviationsAreDocumented(t *testing.T) {
	_, list, found := strings.Cut(packageComment(t), "These are all their deviations")
	require.True(t, found)
	_, table, found := strings.Cut(readText(t, "docs/conformance.md"), "| the standard | the Decoder | because | tests |\n|---|---|---|---|\n")
	require.True(t, found)
	var documented []string
	rows := 0
	for row := range strings.Lines(table) {
		if !strings.HasPrefix(row, "| ") {
			break
		}
		rows++
		cells := strings.Split(row, " | ")
		tests := cells[len(cells)-1]
		names := regexp.MustCompile(`“(.*?)”`).FindAllStringSubmatch(tests, -1)
		for _, name := range names {
			documented = append(documented, name[1])
		}
		assert.True(t, len(names) > 0 || testName.MatchString(tests), "no test: %s", row)
	}
	assert.Len(t, strings.Split(list, " - ")[1:], rows)

	var rules []string
	for _, group := range framingTests {
		rules = append(rules, group.rule)
	}
	slices.Sort(rules)
	slices.Sort(documented)
	assert.Equal(t, rules, slices.Compact(documented))
}

var codeBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestDocumentedCode: each block of Go code in the documents is a part of an example, line by line,
// so it compiles and runs. The bench module checks the loops "Before" of docs/migrating.md.
func TestDocumentedCode(t *testing.T) {
	examples, err := filepath.Glob("example*_test.go")
	require.NoError(t, err)
	blocks := 0
	for _, name := range documents(t) {
		for _, block := range codeBlock.FindAllStringSubmatch(readText(t, name), -1) {
			if name == filepath.Join("docs", "migrating.md") && !strings.Contains(block[1], "chatstream.") {
				continue
			}
			blocks++
			found := slices.ContainsFunc(examples, func(example string) bool {
				code := readText(t, example)
				return slices.ContainsFunc([]string{"", "\t", "\t\t", "\t\t\t"}, func(indent string) bool {
					return strings.Contains(code, "\n"+indented(block[1], indent))
				})
			})
			assert.True(t, found, "%s: stands in no example:\n%s", name, block[1])
		}
	}
	assert.GreaterOrEqual(t, blocks, 15)
}

func indented(code, indent string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		if line != "\n" {
			b.WriteString(indent)
		}
		b.WriteString(line)
	}
	return b.String()
}

// exported returns the exported identifiers of the package: types, functions, methods, fields,
// constants and variables.
func exported(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, file := range sources(t, ".", false) {
		for _, decl := range file.Decls {
			ast.Inspect(decl, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					names[n.Name.Name] = true
					return false
				case *ast.TypeSpec:
					names[n.Name.Name] = true
				case *ast.ValueSpec:
					for _, name := range n.Names {
						names[name.Name] = true
					}
				case *ast.Field:
					for _, name := range n.Names {
						names[name.Name] = true
					}
				}
				return true
			})
		}
	}
	return names
}

var fenced = regexp.MustCompile("(?s)```.*?```")

// TestDocumentedNames: text in code type that looks like an exported name is one.
func TestDocumentedNames(t *testing.T) {
	code := regexp.MustCompile("`[^`\n]+`")
	name := regexp.MustCompile("^`\\*?([A-Z][A-Za-z0-9]*(?:(?:\\(\\))?\\.[A-Z][A-Za-z0-9]*)*)(?:\\(.*\\))?`$")
	known := exported(t)
	for _, others := range []string{"ReverseProxy", "ModifyResponse", "FlushInterval", "ConfigFastest"} {
		known[others] = true
	}
	for _, document := range documents(t) {
		text := fenced.ReplaceAllString(readText(t, document), "")
		for _, span := range code.FindAllString(text, -1) {
			m := name.FindStringSubmatch(span)
			if m == nil || testName.MatchString(span) || m[1] == strings.ToUpper(m[1]) {
				continue
			}
			for _, part := range strings.Split(strings.ReplaceAll(m[1], "()", ""), ".") {
				assert.True(t, known[part], "%s: %s: there is no %s", document, span, part)
			}
		}
	}
}

// TestDocumentedLinks: each link to a file of the repository has a target, and so does its heading.
func TestDocumentedLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`) // none to elsewhere
	for _, document := range documents(t) {
		text := fenced.ReplaceAllString(readText(t, document), "")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target := document
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(document), filepath.FromSlash(m[1]))
			}
			if _, err := os.Stat(target); !assert.NoError(t, err, document) || m[2] == "" {
				continue
			}
			assert.Contains(t, anchors(readText(t, target)), m[2], "%s links to %s", document, target)
		}
	}
}

// anchors returns the anchors that GitHub gives to the headings of a text.
func anchors(text string) (names []string) {
	other := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		names = append(names, strings.ReplaceAll(other.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return names
}

// TestDocumentsIndex: docs/README.md links to every document, and to no other file there.
// TestDocumentsAreMerged: no document has both sides of a merge.
func TestDocumentsAreMerged(t *testing.T) {
	sides := regexp.MustCompile(`(?m)^(<{7}|={7}|>{7})( |$)`)
	for _, name := range documents(t) {
		assert.NotRegexp(t, sides, readText(t, name), name)
	}
}

func TestDocumentsIndex(t *testing.T) {
	index := readText(t, "docs/README.md")
	for _, document := range documents(t) {
		if rest, isThere := strings.CutPrefix(filepath.ToSlash(document), "docs/"); isThere && rest != "README.md" {
			assert.Contains(t, index, "]("+rest+")")
		}
	}
}

// TestPackageRules: docs/robustness.md quotes each limit of doc.go, and other rules, with their tests.
func TestPackageRules(t *testing.T) {
	comment := packageComment(t)
	var quoted []string
	for _, row := range regexp.MustCompile(`(?m)^\| “(.*?)” \| (.*) \|$`).FindAllStringSubmatch(readText(t, "docs/robustness.md"), -1) {
		assert.Contains(t, comment, row[1], "docs/robustness.md quotes what doc.go does not say")
		assert.Regexp(t, testName, row[2], row[1])
		quoted = append(quoted, row[1])
	}
	_, limits, found := strings.Cut(comment, "# Limits")
	require.True(t, found)
	limits, _, _ = strings.Cut(limits, "# ")
	for _, limit := range strings.Split(limits, " - ")[1:] {
		assert.True(t, slices.ContainsFunc(quoted, func(s string) bool { return strings.Contains(limit, s) }),
			"docs/robustness.md names no test of: %s", limit)
	}
}

// TestPackageCommentIsProse: doc.go names no tests. The documents do.
func TestPackageCommentIsProse(t *testing.T) {
	assert.Empty(t, testName.FindAllString(packageComment(t), -1))
}

// TestLayoutIsDocumented: CONTRIBUTING.md has a row for each file of the package, and no row
// for files that are gone.
func TestLayoutIsDocumented(t *testing.T) {
	table, _, found := strings.Cut(readText(t, "CONTRIBUTING.md"), "| folders |")
	require.True(t, found)
	described := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z_*]+\\.go)`").FindAllStringSubmatch(table, -1) {
		names, err := filepath.Glob(m[1])
		require.NoError(t, err)
		assert.NotEmpty(t, names, m[1])
		for _, name := range names {
			described[name] = true
		}
	}
	for name := range sources(t, ".", false) {
		assert.True(t, described[name], "CONTRIBUTING.md does not say what is in %s", name)
	}
}

// fuzzFolders has the folders with fuzz targets, each with the command for one target.
var fuzzFolders = map[string]string{
	".":          "go test -run '^$' -fuzz %s .",
	"fuzz":       "go test -run '^$' -fuzz %s ./fuzz",
	"bench/fuzz": "go -C bench test -run '^$' -fuzz %s ./fuzz",
}

// TestFuzzTargetsAreDocumented: the README has a command for each target, which fuzzes without
// running the tests first.
func TestFuzzTargetsAreDocumented(t *testing.T) {
	readme := readText(t, "README.md")
	for dir, command := range fuzzFolders {
		for _, name := range functions(t, dir) {
			if strings.HasPrefix(name, "Fuzz") {
				assert.Contains(t, readme, fmt.Sprintf("\n"+command+"\n", name))
			}
		}
	}
}

// TestImportsOnlyTheStandardLibrary: the package imports only the standard library, and starts no
// goroutines.
func TestImportsOnlyTheStandardLibrary(t *testing.T) {
	library := sources(t, ".", false)
	maps.Copy(library, sources(t, "internal/jsonwire", false))
	for name, file := range library {
		for _, spec := range file.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			if path == "github.com/seed-08fc7208/chatstream/internal/jsonwire" {
				continue // its imports are checked too
			}
			first, _, _ := strings.Cut(path, "/")
			assert.NotContains(t, first, ".", "%s imports %s", name, spec.Path.Value)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			_, isGo := n.(*ast.GoStmt)
			assert.False(t, isGo, name)
			return true
		})
	}
}

// TestReemissionDoesNotAllocate: a proxy that changes a field of each chunk and writes
// it out again into buffers that it keeps.
func TestReemissionDoesNotAllocate(t *testing.T) {
	if instrumented {
		t.Skip("the race detector and chatstream_poison allocate")
	}
	for _, s := range testStreams(t) {
		if !s.clean() {
			continue
		}
		var c chunk
		var event []byte
		r := bytes.NewReader(s.data)
		d := chatstream.NewDecoder(r)
		model := chatstream.Some(chatstream.Text("house-model"))
		relay := func() {
			r.Reset(s.data)
			d.Reset(r)
			for d.Decode(&c) != io.EOF {
				c.Model = model
				event = c.AppendEvent(event[:0], "")
			}
		}
		for range 30 { // until all templates are made
			relay()
		}
		assert.Zero(t, testing.AllocsPerRun(3, relay), s.name)
		d.Close()
	}
}

// TestMigrating checks the last column of docs/migrating.md. The bench module checks the others.
func TestMigrating(t *testing.T) {
	want := map[string]string{
		"cut between two events":                         "A truncated",
		"cut inside an event":                            "A truncated",
		"ends after its finish reason, without `[DONE]`": "A B",
		"last event without its blank line":              "A B",
		"lines end with CR":                              "A B",
		"begins with a byte order mark":                  "A B",
		"`data:` without a space":                        "A B",
		"empty `data:` as a keep-alive":                  "A B",
		"400 comments in a row":                          "A B",
		"one payload over several `data:` lines":         "A B",
		"no blank lines between events":                  "A B",
		"a line of 70 KiB":                               "A " + situations.Long[:70<<10],
		"a line of 40 MiB":                               "A too-large B",
		"`\"error\":null` in a chunk":                    "A B",
		"`{\"error\":{...}}` in the stream":              "A api:m B",
		"the same with spaces, as Python writes it":      "A api:m B",
		"`{\"error\":\"text\"}`":                         "A api:m B",
		"`event: error`":                                 "A api:m B",
		"the field `error:` of llama.cpp":                "A api:m",
		"a payload that is no JSON":                      "A syntax B",
		"the body is a JSON error":                       "not-a-stream:m",
		"the body is a page of HTML":                     "not-a-stream",
		"`content` is a list of parts":                   " B",
		"`\"index\":0.0`":                                "A B",
		"`\"Content\"` beside `\"content\"`":             "A B",
		"`\"content\"` twice":                            "A B",
		"invalid UTF-8 in a text":                        "\uFFFD B",
	}
	for _, s := range situations.All() {
		t.Run(s.Name, func(t *testing.T) {
			assert.Contains(t, readText(t, "docs/migrating.md"), "| "+s.Name+" |")
			var got []string
			d := chatstream.NewDecoder(strings.NewReader(s.Stream))
			defer d.Close()
			for c, err := range d.All() {
				var api *chatstream.APIError
				var syntax *chatstream.SyntaxError
				switch {
				case err == nil:
					got = append(got, c.Choices[0].Delta.Content.Value.String())
				case errors.Is(err, chatstream.ErrNotEventStream):
					if got = append(got, "not-a-stream"); errors.As(err, &api) {
						got[0] += ":" + api.Message
					}
				case errors.As(err, &api):
					got = append(got, "api:"+api.Message)
				case errors.As(err, &syntax):
					got = append(got, "syntax")
				case errors.Is(err, chatstream.ErrEventTooLarge):
					got = append(got, "too-large")
				case errors.Is(err, io.ErrUnexpectedEOF):
					got = append(got, "truncated")
				default:
					got = append(got, err.Error())
				}
			}
			assert.True(t, want[s.Name] == strings.Join(got, " "), "%.200q", got)
		})
	}
}

// TestErrorsAsAllocates: docs/migrating.md and docs/errors.md say where to declare the
// target of errors.As.
func TestErrorsAsAllocates(t *testing.T) {
	if instrumented {
		t.Skip("the race detector and chatstream_poison allocate")
	}
	var err error // as after most calls of Decode
	outside := func() {
		var apiErr *chatstream.APIError
		if errors.As(err, &apiErr) {
			t.Error(apiErr)
		}
	}
	inside := func() {
		if err != nil {
			var apiErr *chatstream.APIError
			t.Error(errors.As(err, &apiErr))
		}
	}
	assert.EqualValues(t, 1, testing.AllocsPerRun(100, outside))
	assert.Zero(t, testing.AllocsPerRun(100, inside))
}

// TestRobustnessDocument: docs/robustness.md has every fuzz target, each of which has
// seeds of its own, and how many seeds there are.
func TestRobustnessDocument(t *testing.T) {
	text := readText(t, "docs/robustness.md")
	for dir := range fuzzFolders {
		for _, name := range functions(t, dir) {
			if strings.HasPrefix(name, "Fuzz") {
				assert.Contains(t, text, "| `"+name+"` |")
				assert.DirExists(t, filepath.Join(dir, "testdata", "fuzz", name))
			}
		}
	}
	seeds := func(pattern string) int {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		return len(names)
	}
	assert.Contains(t, text, fmt.Sprintf("have %d seeds under `fuzz/testdata` and %d under `testdata`,",
		seeds("fuzz/testdata/fuzz/*/*"), seeds("testdata/fuzz/*/*")))
}
