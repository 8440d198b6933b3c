// Command schemagen reads the structs of the schema and writes the code that must know
// each of their members. It is run in the folder of the package:
//
//	go run ./internal/schemagen
//
// chunk.go says how a struct declares its members.
package main

import (
	"log"
	"os"
)

// source is the file with the structs.
const source = "chunk.go"

// outputs are the files that are written, each beside the file that uses it.
var outputs = []struct {
	file     string
	generate func(*writer, []*object)
}{
	{"names_gen.go", writeNames},
	{"parse_gen.go", writeParser},
	{"parse_lists_gen.go", writeLists},
	{"template_copy_gen.go", writeCopies},
	{"template_places_gen.go", writePlaces},
	{"append_gen.go", writeAppend},
	{"clone_gen.go", writeClone},
	{"validate_gen.go", writeValidate},
	{"texts_gen.go", writeTexts},
	{"ambiguous_gen.go", writeAmbiguous},
	{"equal_gen.go", writeEqual},
	{"json_gen.go", writeJSON},
}

func main() {
	log.SetFlags(0)
	objects, err := readSchema(source, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, out := range outputs {
		w := new(writer)
		out.generate(w, objects)
		code, err := w.source()
		if err != nil {
			log.Fatalf("%s: %v", out.file, err)
		}
		if err := os.WriteFile(out.file, code, 0o666); err != nil {
			log.Fatal(err)
		}
	}
}
