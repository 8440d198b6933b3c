package bench

import (
	"flag"
	"os"
	"testing"
)

// lifeMemory is for machines that have less, and for simulations of a smaller cache.
var lifeMemory = flag.Int("life.memory", LifeMemory(), "`bytes` of memory for the events of a life; twice the last-level cache unless given")

// TestMain makes a plain -bench . end in a few minutes: some five hundred
// benchmarks of a second each would run into go test's own time limit. Who gives
// -benchtime gets it.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.benchtime" })
	if !given {
		if err := flag.Set("test.benchtime", "50ms"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
