// Command schemagen reads the structs of the schema and writes the code that must know
// each of their members. It is run in the folder of the package:
//
//	go run ./internal/schemagen
//
// chunk.go says how a struct declares its members, and which uses a root can have.
package main

import (
	"fmt"
	"log"
	"os"
	"slices"
)

// sources are the files with the structs.
var sources = []string{"chunk.go", "completion.go"}

// outputs are the generated files, each beside the file that uses it. A file is generated for the
// roots with its use, and for the objects in them; a file without a use is for all roots.
var outputs = []struct {
	file     string
	use      string
	generate func(*writer, []*object)
}{
	{"names_gen.go", "", writeNames},
	{"parse_gen.go", "", writeParser},
	{"parse_lists_gen.go", "", writeLists},
	{"append_gen.go", "", writeAppend},
	{"clone_gen.go", "", writeClone},
	{"equal_gen.go", "", writeEqual},
	{"json_gen.go", "", writeJSON},
	{"accumulator_gen.go", "", writeSums},
	{"template_copy_gen.go", "template", writeCopies},
	{"template_places_gen.go", "template", writePlaces},
	{"validate_gen.go", "validate", writeValidate},
	{"texts_gen.go", "texts", writeTexts},
	{"ambiguous_gen.go", "ambiguous", writeAmbiguous},
}

// usedFor returns the roots that have the use, and the objects that they consist of.
func usedFor(objects []*object, use string) []*object {
	var reachable []*object
	for _, o := range objects {
		if o.root && (use == "" || slices.Contains(o.uses, use)) {
			reachable = reached(o, reachable)
		}
	}
	return slices.DeleteFunc(slices.Clone(objects), func(o *object) bool { return !slices.Contains(reachable, o) })
}

func main() {
	log.SetFlags(0)
	files, err := generate(sources)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range files {
		if err := os.WriteFile(f.name, f.code, 0o666); err != nil {
			log.Fatal(err)
		}
	}
}

// file is a file that is generated.
type file struct {
	name string
	code []byte
}

// generate returns what the structs in the sources make.
func generate(sources []string) (files []file, err error) {
	objects, err := readSchema(sources, nil)
	if err != nil {
		return nil, err
	}
	for _, out := range outputs {
		w := new(writer)
		out.generate(w, usedFor(objects, out.use))
		code, err := w.source()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", out.file, err)
		}
		files = append(files, file{out.file, code})
	}
	return files, nil
}
